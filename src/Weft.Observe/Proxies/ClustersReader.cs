using System.Text.Json;

namespace Weft.Observe.Proxies;

/// <summary>Reads <c>/clusters?format=json</c>.</summary>
internal static class ClustersReader
{
    public const int MaxClusters = 1_000;

    /// <summary>Of all clusters of a proxy together.</summary>
    public const int MaxEndpoints = 5_000;

    /// <summary>Flags of an endpoint's health that are set when it is not well.</summary>
    private static readonly string[] s_flags =
    [
        "failed_active_health_check", "failed_outlier_check", "failed_active_degraded_check", "pending_dynamic_removal", "pending_active_hc", "excluded_via_immediate_hc_fail", "active_hc_timeout",
    ];

    /// <exception cref="BadInputException">It is not that.</exception>
    public static ClusterList Read(ReadOnlyMemory<byte> answer)
    {
        using var document = JsonFields.Parse(answer);
        var clusters = document.RootElement.List("cluster_statuses").Select(ReadCluster).ToList();
        var kept = clusters.OrderByDescending(static cluster => cluster.Total - cluster.Healthy).ThenBy(static cluster => cluster.Name, StringComparer.Ordinal).Take(MaxClusters);
        return new ClusterList([.. WithinLimit(kept)], clusters.Count, clusters.Sum(static cluster => cluster.Total), clusters.Sum(static cluster => cluster.Healthy));
    }

    private static IEnumerable<ClusterHealth> WithinLimit(IEnumerable<ClusterHealth> clusters)
    {
        var left = MaxEndpoints;
        foreach (var cluster in clusters)
        {
            var endpoints = cluster.Endpoints.OrderBy(static endpoint => endpoint.IsHealthy).Take(left).ToList();
            left -= endpoints.Count;
            yield return cluster with { Endpoints = endpoints };
        }
    }

    private static ClusterHealth ReadCluster(JsonElement cluster)
    {
        var endpoints = cluster.List("host_statuses").Select(ReadEndpoint).ToList();
        return new ClusterHealth(cluster.Text("name"), cluster.Flag("added_via_api"), cluster.Text("eds_service_name"), endpoints, endpoints.Count, endpoints.Count(static endpoint => endpoint.IsHealthy));
    }

    private static EndpointHealth ReadEndpoint(JsonElement host)
    {
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var number in host.List("stats"))
            numbers[number.Text("name")] = number.Number("value");
        var locality = host.Field("locality");
        return new EndpointHealth(
            AddressText.Of(host.Field("address")),
            host.Text("hostname"),
            HealthOf(host.Field("health_status")),
            numbers.GetValueOrDefault("rq_total"),
            numbers.GetValueOrDefault("rq_error"),
            numbers.GetValueOrDefault("rq_active"),
            numbers.GetValueOrDefault("cx_active"),
            host.Number("weight"),
            string.Join('/', ((string?[])[locality?.Text("region"), locality?.Text("zone"), locality?.Text("sub_zone")]).Where(static part => part is { Length: > 0 })),
            host.Number("priority"));
    }

    private static string HealthOf(JsonElement? status)
    {
        if (status is not { } health)
            return EndpointHealth.Healthy;
        var wrong = s_flags.Where(flag => health.Flag(flag)).ToList();
        if (health.Text("eds_health_status") is { Length: > 0 } told and not ("HEALTHY" or "UNKNOWN"))
            wrong.Insert(0, "eds_" + told.ToLowerInvariant());
        return wrong.Count == 0 ? EndpointHealth.Healthy : string.Join(", ", wrong);
    }
}
