using Weft.Proxy.Clusters;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.XdsClient.OnDemand;

/// <summary>The clusters of a collection (odcds.resources_locator), which is asked for as a whole with the first request that lacks one. Main thread.</summary>
/// <param name="clusters">Takes them.</param>
/// <param name="onHeard">Called after each answer.</param>
/// <param name="onGone">Called with the name of each that is gone.</param>
internal sealed class OnDemandCollection(ClusterManager clusters, Action onHeard, Action<string> onGone) : IResourceWatcher
{
    private readonly Dictionary<string, string> _byResource = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>There was an answer, or there will be none for now.</summary>
    public bool IsHeardOf { get; private set; }

    public bool TakesGoodOnes => true;

    public bool Has(string cluster) => _names.Contains(cluster);

    public string? OnUpdate(DiscoveryUpdate update)
    {
        var faults = new List<string>();
        foreach (var resource in update.Resources)
        {
            var config = resource.NewContext();
            if (resource.As<ClusterMessage>(config) is { } cluster)
                clusters.Update(cluster, resource.Version, config);
            if (config.Findings.HasErrors)
                Refuse(resource, string.Join("; ", config.Findings.Errors), faults);
            else if (_byResource.TryAdd(resource.SentAs, resource.Name))
                _names.Add(resource.Name);
        }

        foreach (var resource in update.Removed)
        {
            if (!_byResource.Remove(resource, out var name) || !_names.Remove(name))
                continue;
            clusters.Remove(name);
            onGone(name);
        }

        OnNothing();
        return faults.Count == 0 ? null : $"Error adding/updating cluster(s) {string.Join(", ", faults)}";
    }

    public void OnNothing()
    {
        IsHeardOf = true;
        onHeard();
    }

    private static void Refuse(DiscoveredResource resource, string fault, List<string> faults)
    {
        resource.Refuse();
        faults.Add($"{resource.Name}: {fault}");
    }
}
