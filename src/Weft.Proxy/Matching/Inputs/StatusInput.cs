using Weft.Http;

namespace Weft.Proxy.Matching.Inputs;

/// <summary>HttpResponseStatusCodeMatchInput (<c>503</c>) or HttpResponseStatusCodeClassMatchInput (<c>5xx</c>).</summary>
internal sealed class StatusInput(bool isClass) : MatchInput
{
    public override MatchValue Read(in MatchData data)
    {
        if (data.ResponseHeaders is not { } headers) return MatchValue.Pending;
        var status = headers.Get(KnownHeader.Status);
        if (status.Length != 3) return MatchValue.Absent;
        if (!isClass) return new MatchValue(status);
        return status[0] switch
        {
            (byte)'1' => new MatchValue("1xx"u8),
            (byte)'2' => new MatchValue("2xx"u8),
            (byte)'3' => new MatchValue("3xx"u8),
            (byte)'4' => new MatchValue("4xx"u8),
            (byte)'5' => new MatchValue("5xx"u8),
            _ => MatchValue.Absent,
        };
    }

    public override string ToString() => isClass ? "response status class" : "response status";
}
