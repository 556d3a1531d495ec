using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.LoadBalancing.Aggregate;

/// <summary>
/// An aggregate cluster on one worker: the priorities of its clusters, one after the other, count as one list, so that the next
/// cluster takes over what the ones before cannot carry. Worker thread.
/// </summary>
internal sealed class AggregateBalancer(Worker worker, ClusterConfig config) : IMemberBalancer
{
    private readonly ClusterReference[] _clusters = [.. config.Aggregate];
    private readonly WorkerCluster?[] _members = new WorkerCluster?[config.Aggregate.Count];
    private readonly EndpointsSnapshot?[] _snapshots = new EndpointsSnapshot?[config.Aggregate.Count];
    private readonly List<(WorkerCluster Cluster, int Priority)> _priorities = [];
    private PriorityLoads? _loads;
    private Endpoint? _lastEndpoint;
    private WorkerCluster? _lastOwner;

    public Endpoint? Pick(in LoadBalancerContext context)
    {
        if (HaveChanged() || _loads is null)
            Rebuild();
        var number = _loads!.Choose(worker.Random.Next(), context.Retry, out var selection);
        if (number < 0)
            return null;
        var (cluster, priority) = _priorities[number];
        _lastEndpoint = cluster.Pick(context.At(priority, selection));
        _lastOwner = cluster;
        return _lastEndpoint;
    }

    public WorkerCluster? OwnerOf(Endpoint endpoint)
    {
        if (ReferenceEquals(endpoint, _lastEndpoint))
            return _lastOwner;
        foreach (var member in _members)
        {
            if (member is not null && member.Has(endpoint))
                return member;
        }
        return null;
    }

    private bool HaveChanged()
    {
        for (var i = 0; i < _members.Length; i++)
        {
            var member = worker.Clusters.Find(_clusters[i]);
            if (!ReferenceEquals(member, _members[i]) || !ReferenceEquals(member?.Endpoints, _snapshots[i]))
                return true;
        }
        return false;
    }

    /// <summary>A cluster that does not exist (yet) is passed over.</summary>
    private void Rebuild()
    {
        _priorities.Clear();
        var all = new List<EndpointsOfPriority>();
        for (var i = 0; i < _members.Length; i++)
        {
            var member = _members[i] = worker.Clusters.Find(_clusters[i]);
            var endpoints = _snapshots[i] = member?.Endpoints;
            for (var priority = 0; priority < endpoints?.Priorities.Count; priority++)
            {
                all.Add(endpoints.Priorities[priority]);
                _priorities.Add((member!, priority));
            }
        }
        _loads = new PriorityLoads(new EndpointsSnapshot(all), config.LoadBalancing.With(config.Runtime.Current).PanicThresholdPercent);
    }
}
