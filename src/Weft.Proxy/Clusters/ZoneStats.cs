using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>
/// Responses of a cluster by where they came from and went to: <c>cluster.NAME.zone.FROM.TO.*</c>, under Envoy's names, for the zones that
/// its endpoints are in. Main thread.
/// </summary>
/// <param name="scope">Of the cluster.</param>
/// <param name="ownZone">This proxy's (Node.locality.zone).</param>
internal sealed class ZoneStats(StatsScope scope, string ownZone)
{
    private Dictionary<string, ResponseCounts>? _byZone;

    /// <summary>Null for an endpoint whose zone is unknown.</summary>
    public ResponseCounts? Find(string zone)
    {
        if (zone.Length == 0)
            return null;
        _byZone ??= new Dictionary<string, ResponseCounts>(StringComparer.Ordinal);
        if (!_byZone.TryGetValue(zone, out var counts))
            _byZone[zone] = counts = new ResponseCounts(scope.Scope($"zone.{ownZone}.{zone}."));
        return counts;
    }
}
