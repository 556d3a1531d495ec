using Weft.Base.Logging;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Stats;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters;

/// <summary>Compiles the messages of clusters into clusters, each with a <see cref="Lifetime"/> of its own. Main thread.</summary>
internal sealed class ClusterFactory(FactoryContext context, ClusterManagerStats stats)
{
    private static readonly Logger Log = Logger.Get("upstream");

    /// <summary>A cluster of the bootstrap; its faults are reported where those of the whole file are.</summary>
    public ClusterWithLifetime Create(ClusterMessage source, ResourceOrigin origin)
    {
        var lifetime = new Lifetime(context.Stats);
        return Make(source, context with { Lifetime = lifetime }, lifetime, origin);
    }

    /// <summary>Null, with nothing left behind, when the configuration has faults, which are reported in <paramref name="config"/>.</summary>
    public ClusterWithLifetime? TryCreate(ClusterMessage source, ResourceOrigin origin, ConfigContext config)
    {
        if (config.Findings.HasErrors)
            return null;
        var lifetime = new Lifetime(context.Stats);
        try
        {
            var made = Make(source, context.For(config, lifetime), lifetime, origin);
            if (!config.Findings.HasErrors)
                return made;
            made.Cluster.Dispose();
        }
        catch (Exception e) when (config.Findings.HasErrors)
        {
            // What is built from a faulty message may be missing anything; its faults are known already.
            Log.Debug($"stopped building cluster {source.Name} after the first errors: {e.Message}");
        }

        lifetime.Dispose();
        return null;
    }

    /// <summary>Changes a cluster in place. False when the change wants another cluster, or has faults, which are reported in <paramref name="config"/>.</summary>
    public bool TryChange(ClusterWithLifetime active, ClusterMessage source, ConfigContext config)
    {
        try
        {
            return active.Cluster.TryUpdate(source, context.For(config, active.Lifetime));
        }
        catch (Exception e) when (config.Findings.HasErrors)
        {
            Log.Debug($"stopped changing cluster {source.Name} after the first errors: {e.Message}");
            return false;
        }
    }

    private ClusterWithLifetime Make(ClusterMessage source, FactoryContext its, Lifetime lifetime, ResourceOrigin origin)
    {
        var init = new InitManager($"Cluster {source.Name}");
        its = its with { Init = init };
        var cluster = lifetime.Make(() => Cluster.Create(ClusterConfig.Create(source, its), its));
        cluster.Written.Pack();
        cluster.Origin = origin;
        cluster.ManagerStats = stats;
        if (init.IsEmpty)
            init.Start(static () => { });
        else
            cluster.Init = init;
        return new ClusterWithLifetime(cluster, lifetime);
    }
}
