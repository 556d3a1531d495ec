using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>Which headers an operator looks at.</summary>
internal enum HeaderSource : byte { Request, Response, ResponseTrailer }

/// <summary>%REQ(X?Y):Z%, %RESP%, %TRAILER%: the first value of a header, or of the other one when it is absent, cut after Z bytes.</summary>
internal sealed class HeaderOperator(HeaderSource source, HeaderName name, HeaderName? otherName, int maxLength, bool withoutQuery = false) : FormatOperator
{
    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var headers = HeadersOf(context, source);
        if (headers is null)
            return false;
        if (!headers.TryGet(name, out var value) && (otherName is null || !headers.TryGet(otherName.Value, out value)))
            return false;
        if (withoutQuery && value.IndexOf((byte)'?') is >= 0 and var query)
            value = value[..query];
        output.Write(value.Length > maxLength ? value[..maxLength] : value);
        return true;
    }

    public static HeaderMap? HeadersOf(in FormatContext context, HeaderSource source) => source switch
    {
        HeaderSource.Request => context.RequestHeaders,
        HeaderSource.Response => context.ResponseHeaders,
        _ => context.ResponseTrailers,
    };
}
