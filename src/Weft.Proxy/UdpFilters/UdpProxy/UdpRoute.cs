using Envoy.Extensions.Filters.Udp.UdpProxy.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.UdpFilters.UdpProxy;

/// <summary>The cluster that datagrams go to, and what is counted for it. Immutable.</summary>
internal sealed record UdpTarget(ClusterReference Cluster, UdpClusterStats Stats);

/// <summary>Which cluster a client's datagrams go to: always the same, or what a matcher says about both addresses. Immutable; any thread.</summary>
internal sealed class UdpRoute
{
    private readonly UdpTarget? _only;
    private readonly Matcher<UdpTarget>? _matcher;
    private readonly RuntimeLayers _runtime;

    private UdpRoute(UdpProxyConfig config, FactoryContext context)
    {
        _runtime = context.Runtime;
        if (config.Matcher is not null)
            _matcher = new MatcherCompiler<UdpTarget>(context, MatchScope.Connection, action => action is Route route ? TargetOf(route.Cluster, context) : null).Compile(config.Matcher);
#pragma warning disable CS0612 // deprecated, but still in files
        else
            _only = TargetOf(config.Cluster, context);
#pragma warning restore CS0612
    }

    /// <summary>Compiles; faults are reported in the context. Main thread.</summary>
    public static UdpRoute Create(UdpProxyConfig config, FactoryContext context) => new(config, context);

    /// <summary>Null: nowhere. Allocates nothing.</summary>
    public UdpTarget? Find(in Datagram datagram)
    {
        if (_matcher is null)
            return _only;
        var addresses = new FilterChainMatchInput { LocalAddress = datagram.To, RemoteAddress = datagram.From, DirectRemoteAddress = datagram.From };
        return _matcher.Find(new MatchData(in addresses, _runtime.Current), out var target) == MatchOutcome.Yes ? target : null;
    }

    private static UdpTarget TargetOf(string cluster, FactoryContext context) => new(context.Clusters.Get(cluster), new UdpClusterStats(context.Stats, cluster));
}
