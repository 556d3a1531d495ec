using Weft.Http;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.HttpFilters.CdnLoop;

/// <summary>Adds this network to CDN-Loop and refuses requests that have come through it too often: 502, or 400 for a header that cannot be read. Pooled; worker thread.</summary>
internal sealed class CdnLoopFilter(CdnLoopFilterFactory factory) : HttpFilter
{
    private static readonly HeaderName s_header = new("cdn-loop");

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (headers.IndexOf(s_header) is >= 0 and var first)
        {
            var count = CdnLoopReader.Count(HeaderValues.Joined(headers, s_header, first), factory.Id);
            if (count < 0) return Refuse(400, "Invalid CDN-Loop header in request."u8, "invalid_cdn_loop_header");
            if (count > factory.MaxOccurrences) return Refuse(502, "The server has detected a loop between CDNs."u8, "cdn_loop_detected");
        }

        headers.Append(s_header, factory.Id, ","u8);
        return FilterStatus.Continue;
    }

    private FilterStatus Refuse(int status, ReadOnlySpan<byte> text, string details)
    {
        Stream.SendLocalReply(status, text, details);
        return FilterStatus.Ended;
    }
}
