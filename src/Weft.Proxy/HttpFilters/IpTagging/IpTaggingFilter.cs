using Weft.Http;
using Weft.Net;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using RequestType = Envoy.Extensions.Filters.Http.IpTagging.V3.IPTagging.Types.RequestType;

namespace Weft.Proxy.HttpFilters.IpTagging;

/// <summary>Appends the tags of the client's address to x-envoy-ip-tags or the header of choice, which routes may match. Pooled; worker thread.</summary>
internal sealed class IpTaggingFilter(IpTaggingFilterFactory factory, Worker worker) : HttpFilter
{
    private static readonly RuntimeFraction s_enabled = new("ip_tagging.http_filter_enabled", 100, 100);

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (!IsFor(headers) || !factory.Runtime.Current.IsEnabled(s_enabled, worker.Random.Next()))
            return FilterStatus.Continue;
        var (hits, isCleared) = (0, factory.Sanitizes && headers.Remove(factory.Header));
        foreach (var tag in factory.Tags)
        {
            if (!Contains(tag.Ranges, Stream.Info.DownstreamRemoteAddress))
                continue;
            hits++;
            tag.Hit.Inc();
            headers.Append(factory.Header, tag.Name, ","u8);
        }

        factory.Total.Inc();
        if (hits == 0)
            factory.NoHit.Inc();
        if (hits > 0 || isCleared)
            Stream.ClearRouteCache();
        return FilterStatus.Continue;
    }

    private bool IsFor(HeaderMap headers)
    {
        var isInternal = headers.Get(KnownHeader.XEnvoyInternal).SequenceEqual("true"u8);
        return factory.RequestType switch
        {
            RequestType.Internal => isInternal,
            RequestType.External => !isInternal,
            _ => true,
        };
    }

    private static bool Contains(ReadOnlySpan<AddressRange> ranges, NetAddress address)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address)) return true;
        }

        return false;
    }
}
