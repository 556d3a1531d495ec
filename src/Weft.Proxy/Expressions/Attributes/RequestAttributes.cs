using System.Buffers.Text;
using Weft.Http;

namespace Weft.Proxy.Expressions.Attributes;

/// <summary>request.*; what a TCP connection has none of is missing.</summary>
internal static class RequestAttributes
{
    public static readonly AttributeGroup Group = new(new(StringComparer.Ordinal)
    {
        ["path"] = Header(KnownHeader.Path),
        ["url_path"] = static (in CelContext context) => Path(context, isQuery: false),
        ["query"] = static (in CelContext context) => Path(context, isQuery: true),
        ["host"] = Header(KnownHeader.Authority),
        ["scheme"] = Header(KnownHeader.Scheme),
        ["method"] = Header(KnownHeader.Method),
        ["referer"] = Header(new HeaderName("referer")),
        ["useragent"] = Header(KnownHeader.UserAgent),
        ["id"] = Header(KnownHeader.XRequestId),
        ["headers"] = static (in CelContext _) => CelValue.Of(HeadersMap.Request),
        ["time"] = static (in CelContext context) => Time(context.Request.Info.StartTime),
        ["duration"] = static (in CelContext context) => AttributeValues.Between(context.Request.Info.StartUs, context.Request.Info.EndUs),
        ["protocol"] = static (in CelContext context) => Protocol(context),
        ["size"] = static (in CelContext context) => Size(context),
        ["total_size"] = static (in CelContext context) => CelValue.Of(context.Request.Info.BytesReceived + (context.Request.RequestHeaders?.ByteSize ?? 0)),
    });

    private static AttributeReader Header(KnownHeader name) => (in CelContext context) =>
        context.Request.RequestHeaders is { } headers && headers.Has(name) ? context.Scratch.String(headers.Get(name)) : CelErrors.NoSuchKey;

    private static AttributeReader Header(HeaderName name) => (in CelContext context) =>
        context.Request.RequestHeaders is { } headers && headers.TryGet(name, out var value) ? context.Scratch.String(value) : CelErrors.NoSuchKey;

    private static CelValue Path(in CelContext context, bool isQuery)
    {
        if (context.Request.RequestHeaders is not { } headers)
            return CelErrors.NoSuchKey;
        var path = headers.Get(KnownHeader.Path);
        var mark = path.IndexOf((byte)'?');
        if (!isQuery)
            return context.Scratch.String(mark < 0 ? path : path[..mark]);
        var query = mark < 0 ? default : path[(mark + 1)..];
        return context.Scratch.String(query.IndexOf((byte)'#') is >= 0 and var fragment ? query[..fragment] : query);
    }

    private static CelValue Time(DateTime start)
    {
        var ticks = start.ToUniversalTime().Ticks - DateTime.UnixEpoch.Ticks;
        return Functions.CelArithmetic.Time(CelKind.Timestamp, (Int128)ticks * 100);
    }

    private static CelValue Protocol(in CelContext context) => context.Request.Info.Protocol switch
    {
        null => CelErrors.NoSuchKey,
        HttpProtocol.Http10 => context.Scratch.String("HTTP/1.0"u8),
        HttpProtocol.Http11 => context.Scratch.String("HTTP/1.1"u8),
        HttpProtocol.Http2 => context.Scratch.String("HTTP/2"u8),
        _ => context.Scratch.String("HTTP/3"u8),
    };

    /// <summary>What content-length says, or what has come.</summary>
    private static CelValue Size(in CelContext context)
    {
        if (context.Request.RequestHeaders is not { } headers || !headers.Has(KnownHeader.ContentLength))
            return CelValue.Of(context.Request.Info.BytesReceived);
        var text = headers.Get(KnownHeader.ContentLength);
        return Utf8Parser.TryParse(text, out long length, out var used) && used == text.Length ? CelValue.Of(length) : CelErrors.NoSuchKey;
    }
}
