using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Http.OnDemand.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.XdsClient.OnDemand;

/// <summary>ODCDS: clusters that are discovered when a request names them. Main thread.</summary>
internal sealed class OnDemandClusters
{
    private const string NeedsIncremental = "on-demand discovery of clusters needs incremental xDS: DELTA_GRPC, or ADS with it";

    private readonly ClusterManager _clusters;
    private readonly List<OnDemandClusterSource> _sources = [];

    /// <param name="clusters">Takes what is discovered.</param>
    public OnDemandClusters(ClusterManager clusters)
    {
        _clusters = clusters;
        clusters.Activated += OnActivated;
    }

    /// <summary>The clusters of a source; null, with the fault reported, when it cannot be used.</summary>
    /// <param name="config">Where from.</param>
    /// <param name="context">Takes the faults.</param>
    public OnDemandClusterSource? Open(OnDemandCds config, FactoryContext context)
    {
        if (_sources.Find(known => known.IsOf(config)) is { } same)
            return same;
        var source = config.Source;
        if (source?.ApiConfigSource is { ApiType: not ApiConfigSource.Types.ApiType.DeltaGrpc } api)
        {
            context.Config.Error(api, "api_type", NeedsIncremental);
            return null;
        }

        if (source?.Ads is not null && context.Subscriptions is { Servers.IsAdsIncremental: false })
        {
            context.Config.Error(source, "ads", NeedsIncremental);
            return null;
        }

        if (source is { ConfigSourceSpecifierCase: ConfigSource.ConfigSourceSpecifierOneofCase.PathConfigSource or ConfigSource.ConfigSourceSpecifierOneofCase.Path })
        {
            context.Config.Error(source, null, "on-demand discovery of clusters needs a management server");
            return null;
        }

        var made = new OnDemandClusterSource(config, _clusters, context);
        if (!made.IsUsable)
            return null;
        _sources.Add(made);
        return made;
    }

    /// <summary>Whether a cluster came on demand, so that it is none of those that CDS counts up.</summary>
    public bool Owns(string cluster) => _sources.Exists(source => source.Owns(cluster));

    private void OnActivated(string cluster)
    {
        foreach (var source in _sources)
            source.OnActivated(cluster);
    }
}
