using Weft.Config;
using Weft.Http;

namespace Weft.Proxy.Clusters.LoadBalancing.HostSources;

/// <summary>
/// The balancer override_host: requests name the endpoints that they are for, one for each attempt, in a header or in metadata. One that is not the
/// cluster's is passed over; when no more are named, the fallback policy picks. Their health is not asked for, as in Envoy. Immutable; any worker.
/// </summary>
internal sealed class NamedHosts
{
    private readonly HostSource[] _sources;

    private NamedHosts(HostSource[] sources) => _sources = sources;

    /// <summary>Faults are reported in the context.</summary>
    public static NamedHosts Create(Envoy.Extensions.LoadBalancingPolicies.OverrideHost.V3.OverrideHost config, ConfigContext context) =>
        new([.. config.OverrideHostSources.Select(source => HostSource.Create(source, context)).OfType<HostSource>()]);

    /// <summary>The endpoint that is named next; null when there is none. No allocation.</summary>
    public Endpoint? Next(in LoadBalancerContext context, EndpointsSnapshot endpoints)
    {
        if (context.Info is not { } info)
            return null;
        var number = 0;
        foreach (var source in _sources)
        {
            foreach (var host in new CommaList(source.Read(context.RequestHeaders, info)))
            {
                if (number++ < info.NamedHostsTaken)
                    continue;
                info.NamedHostsTaken = number;
                if (endpoints.Find(host) is { } endpoint)
                    return endpoint;
            }
        }
        return null;
    }
}
