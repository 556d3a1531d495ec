using Weft.Base.Stats;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>
/// track_cluster_stats.per_endpoint_stats: the numbers of every endpoint that the cluster has now, as statistics under
/// <c>cluster.NAME.endpoint.ADDRESS.</c>. Main thread.
/// </summary>
/// <param name="scope">The cluster's.</param>
internal sealed class NamedEndpoints(StatsScope scope) : IDisposable
{
    private readonly Dictionary<string, Named> _byAddress = new(StringComparer.Ordinal);

    private readonly record struct Named(Endpoint Endpoint, StatsScope Scope);

    /// <summary>The cluster has these endpoints now; of several with one address the first is named.</summary>
    public void Update(IReadOnlyList<Endpoint> endpoints)
    {
        var present = new Dictionary<string, Endpoint>(StringComparer.Ordinal);
        foreach (var endpoint in endpoints)
            present.TryAdd(endpoint.AddressText, endpoint);
        foreach (var (address, named) in _byAddress)
        {
            if (present.GetValueOrDefault(address) == named.Endpoint)
                continue;
            named.Scope.Dispose();
            _byAddress.Remove(address);
        }

        foreach (var (address, endpoint) in present)
        {
            if (!_byAddress.ContainsKey(address))
                _byAddress.Add(address, new Named(endpoint, Name(endpoint, address)));
        }
    }

    public void Dispose()
    {
        foreach (var named in _byAddress.Values)
            named.Scope.Dispose();
        _byAddress.Clear();
    }

    private StatsScope Name(Endpoint endpoint, string address)
    {
        var its = scope.Scope($"endpoint.{StatNameText.WithoutColons(address)}.");
        var stats = endpoint.Stats;
        its.Name("cx_connect_fail", stats.CxConnectFail);
        its.Name("cx_total", stats.CxTotal);
        its.Name("rq_error", stats.RqError);
        its.Name("rq_success", stats.RqSuccess);
        its.Name("rq_timeout", stats.RqTimeout);
        its.Name("rq_total", stats.RqTotal);
        its.ComputedGauge("cx_active", () => stats.CxActive.Value);
        its.ComputedGauge("rq_active", () => Volatile.Read(ref endpoint.ActiveRequests));
        its.ComputedGauge("healthy", () => endpoint.Health == EndpointHealth.Healthy ? 1 : 0);
        return its;
    }
}
