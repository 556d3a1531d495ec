using Google.Protobuf.Collections;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Stats;
using VirtualClusterMessage = Envoy.Config.Route.V3.VirtualCluster;

namespace Weft.Proxy.Routing;

/// <summary>A kind of requests of a virtual host that is counted by itself (VirtualHost.virtual_clusters). Immutable; any worker.</summary>
internal sealed class VirtualCluster
{
    /// <summary>What requests belong to that match no other.</summary>
    private const string Other = "other";

    private readonly HeaderMatcher[] _headers;

    private VirtualCluster(string name, HeaderMatcher[] headers, RequestGroupStats stats) => (Name, _headers, Stats) = (name, headers, stats);

    public string Name { get; }

    public RequestGroupStats Stats { get; }

    /// <summary>In order, and the catch-all behind them; none when none is configured.</summary>
    public static VirtualCluster[] Create(RepeatedField<VirtualClusterMessage> configs, string virtualHost, FactoryContext context)
    {
        if (configs.Count == 0)
            return [];
        var clusters = new List<VirtualCluster>(configs.Count + 1);
        foreach (var config in configs)
        {
            if (config.Headers.Count == 0)
                context.Config.Error(config, "headers", "virtual clusters must define 'headers'");
            clusters.Add(new VirtualCluster(config.Name, HeaderMatcher.Create(config.Headers, context.Config), RequestGroupStats.OfVirtualCluster(context.Stats, virtualHost, config.Name)));
        }

        clusters.Add(new VirtualCluster(Other, [], RequestGroupStats.OfVirtualCluster(context.Stats, virtualHost, Other)));
        return [.. clusters];
    }

    public bool IsMatch(HeaderMap headers)
    {
        foreach (var matcher in _headers)
        {
            if (!matcher.IsMatch(headers))
                return false;
        }

        return true;
    }
}
