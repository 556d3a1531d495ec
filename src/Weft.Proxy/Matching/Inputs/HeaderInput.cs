using Weft.Http;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Matching.Inputs;

/// <summary>Which headers a <see cref="HeaderInput"/> looks at.</summary>
internal enum HeaderPart : byte { RequestHeader, RequestTrailer, ResponseHeader, ResponseTrailer }

/// <summary>HttpRequestHeaderMatchInput and its like: a header; several of one name are one value, joined by commas.</summary>
internal sealed class HeaderInput(HeaderPart part, string name) : MatchInput
{
    private readonly HeaderName _name = new(name);

    public override MatchValue Read(in MatchData data)
    {
        var headers = part switch
        {
            HeaderPart.RequestHeader => data.RequestHeaders,
            HeaderPart.RequestTrailer => data.RequestTrailers,
            HeaderPart.ResponseHeader => data.ResponseHeaders,
            _ => data.ResponseTrailers,
        };
        if (headers is null) return MatchValue.Pending;
        var first = headers.IndexOf(_name);
        return first < 0 ? MatchValue.Absent : new MatchValue(HeaderValues.Joined(headers, _name, first));
    }

    public override string ToString() => $"{part switch
    {
        HeaderPart.RequestHeader => "request header",
        HeaderPart.RequestTrailer => "request trailer",
        HeaderPart.ResponseHeader => "response header",
        _ => "response trailer",
    }} {name}";
}
