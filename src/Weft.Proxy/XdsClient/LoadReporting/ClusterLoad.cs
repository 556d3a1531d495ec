using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Admin;
using Weft.Proxy.Clusters;
using ClusterStats = Envoy.Config.Endpoint.V3.ClusterStats;
using Endpoint = Weft.Proxy.Clusters.Endpoint;

namespace Weft.Proxy.XdsClient.LoadReporting;

/// <summary>What a cluster has carried since it was last asked. Main thread.</summary>
/// <param name="sinceUs">When counting began.</param>
internal sealed class ClusterLoad(long sinceUs)
{
    private long _sinceUs = sinceUs;
    private Dictionary<Endpoint, EndpointCounts> _last = [];
    private long _lastDropped;
    private long _lastOverload;

    /// <summary>The counts since the last call, which begins another period.</summary>
    /// <param name="isByEndpoint">report_endpoint_granularity.</param>
    public ClusterStats Take(Cluster cluster, bool isByEndpoint, long nowUs)
    {
        var stats = new ClusterStats
        {
            ClusterName = cluster.Config.Name,
            ClusterServiceName = cluster.Config.EdsServiceName,
            LoadReportInterval = Duration.FromTimeSpan(TimeSpan.FromMicroseconds(nowUs - _sinceUs)),
            TotalDroppedRequests = (ulong)TakeDropped(cluster),
        };
        var next = new Dictionary<Endpoint, EndpointCounts>();
        foreach (var priority in cluster.Endpoints.Priorities)
        {
            foreach (var locality in priority.Localities)
            {
                if (Take(locality, isByEndpoint, next) is { TotalIssuedRequests: > 0 } load)
                    stats.UpstreamLocalityStats.Add(load);
            }
        }

        if (TakeOverload(cluster) is > 0 and var refused)
            stats.DroppedRequests.Add(new ClusterStats.Types.DroppedRequests { Category = cluster.Endpoints.DropCategory, DroppedCount = (ulong)refused });
        (_last, _sinceUs) = (next, nowUs);
        return stats;
    }

    private UpstreamLocalityStats Take(EndpointsOfLocality locality, bool isByEndpoint, Dictionary<Endpoint, EndpointCounts> next)
    {
        var sum = default(EndpointCounts);
        var load = new UpstreamLocalityStats
        {
            Locality = new Locality { Region = locality.Locality.Region, Zone = locality.Locality.Zone, SubZone = locality.Locality.SubZone },
            Priority = (uint)locality.All[0].Priority,
        };
        foreach (var endpoint in locality.All)
        {
            var now = next[endpoint] = EndpointCounts.Of(endpoint);
            var change = now.Since(_last.GetValueOrDefault(endpoint));
            if (change == default)
                continue;
            sum = sum.Plus(change);
            if (isByEndpoint)
                load.UpstreamEndpointStats.Add(StatsOf(endpoint, change));
        }

        load.TotalSuccessfulRequests = (ulong)sum.Success;
        load.TotalErrorRequests = (ulong)sum.Error;
        load.TotalRequestsInProgress = (ulong)sum.Active;
        load.TotalIssuedRequests = (ulong)sum.Issued;
        return load;
    }

    private static UpstreamEndpointStats StatsOf(Endpoint endpoint, EndpointCounts counts) => new()
    {
        Address = AddressMessage.Of(endpoint.Address),
        TotalSuccessfulRequests = (ulong)counts.Success,
        TotalErrorRequests = (ulong)counts.Error,
        TotalRequestsInProgress = (ulong)counts.Active,
        TotalIssuedRequests = (ulong)counts.Issued,
    };

    /// <summary>Requests that never had an endpoint: a circuit breaker or the maintenance mode turned them away.</summary>
    private long TakeDropped(Cluster cluster)
    {
        var total = cluster.Config.Stats.UpstreamRqPendingOverflow.Value + cluster.Config.Stats.UpstreamRqMaintenanceMode.Value;
        var dropped = EndpointCounts.Change(total, _lastDropped);
        _lastDropped = total;
        return dropped;
    }

    /// <summary>Requests that policy.drop_overloads has refused.</summary>
    private long TakeOverload(Cluster cluster)
    {
        var total = cluster.Config.Stats.UpstreamRqDropOverload.Value;
        var refused = EndpointCounts.Change(total, _lastOverload);
        _lastOverload = total;
        return refused;
    }

    /// <summary>The counts of one endpoint.</summary>
    private readonly record struct EndpointCounts(long Success, long Error, long Issued, long Active)
    {
        public static EndpointCounts Of(Endpoint endpoint) =>
            new(endpoint.Stats.RqSuccess.Value, endpoint.Stats.RqError.Value, endpoint.Stats.RqTotal.Value, Math.Max(0, Volatile.Read(ref endpoint.ActiveRequests)));

        public EndpointCounts Since(EndpointCounts before) => new(Change(Success, before.Success), Change(Error, before.Error), Change(Issued, before.Issued), Active);

        public EndpointCounts Plus(EndpointCounts other) => new(Success + other.Success, Error + other.Error, Issued + other.Issued, Active + other.Active);

        /// <summary>A smaller number than before has been reset in between (<c>/reset_counters</c>).</summary>
        public static long Change(long now, long before) => now >= before ? now - before : now;
    }
}
