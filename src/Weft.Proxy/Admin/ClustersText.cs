using Weft.Base.Buffers;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Clusters.OutlierDetection;

namespace Weft.Proxy.Admin;

/// <summary>The text form of <c>/clusters</c>: one fact per line, its parts separated by <c>::</c>.</summary>
internal static class ClustersText
{
    public static void Write(Cluster cluster, ByteWriter output)
    {
        var config = cluster.Config;
        output.Write($"{config.Name}::observability_name::{config.StatName}\n");
        if (cluster.OutlierDetector is { } detector)
            WriteOutliers(config.Name, detector, output);
        WriteLimits(config.Name, "default", config.CircuitBreakers.Look(0), output);
        WriteLimits(config.Name, "high", config.CircuitBreakers.Look(1), output);
        output.Write($"{config.Name}::added_via_api::{(cluster.Origin.IsDynamic ? "true" : "false")}\n");
        if (config.EdsServiceName.Length > 0)
            output.Write($"{config.Name}::eds_service_name::{config.EdsServiceName}\n");
        foreach (var priority in cluster.Endpoints.Priorities)
        {
            foreach (var endpoint in priority.All)
                WriteEndpoint($"{config.Name}::{endpoint.AddressText}::", endpoint, output);
        }
    }

    private static void WriteOutliers(string cluster, OutlierDetector detector, ByteWriter output)
    {
        output.Write(FormattableString.Invariant($"{cluster}::outlier::success_rate_average::{detector.External.Average:G6}\n"));
        output.Write(FormattableString.Invariant($"{cluster}::outlier::success_rate_ejection_threshold::{detector.External.Ejection:G6}\n"));
        output.Write(FormattableString.Invariant($"{cluster}::outlier::local_origin_success_rate_average::{detector.LocalOrigin.Average:G6}\n"));
        output.Write(FormattableString.Invariant($"{cluster}::outlier::local_origin_success_rate_ejection_threshold::{detector.LocalOrigin.Ejection:G6}\n"));
    }

    private static void WriteLimits(string cluster, string priority, CircuitBreaker limits, ByteWriter output)
    {
        output.Write($"{cluster}::{priority}_priority::max_connections::{limits.Connections.Max}\n");
        output.Write($"{cluster}::{priority}_priority::max_pending_requests::{limits.PendingRequests.Max}\n");
        output.Write($"{cluster}::{priority}_priority::max_requests::{limits.Requests.Max}\n");
        output.Write($"{cluster}::{priority}_priority::max_retries::{limits.Retries.Max}\n");
    }

    private static void WriteEndpoint(string start, Endpoint endpoint, ByteWriter output)
    {
        var numbers = EndpointNumbers.Counters(endpoint).Concat(EndpointNumbers.Gauges(endpoint));
        foreach (var (name, value) in numbers.OrderBy(number => number.Name, StringComparer.Ordinal))
            output.Write($"{start}{name}::{value}\n");
        output.Write($"{start}hostname::{endpoint.Hostname}\n");
        output.Write($"{start}health_flags::{endpoint.HealthFlags.ToText()}\n");
        output.Write($"{start}weight::{endpoint.Weight}\n");
        output.Write($"{start}region::{endpoint.Region}\n");
        output.Write($"{start}zone::{endpoint.Zone}\n");
        output.Write($"{start}sub_zone::{endpoint.SubZone}\n");
        output.Write($"{start}canary::{(EndpointNumbers.IsCanary(endpoint) ? "true" : "false")}\n");
        output.Write($"{start}priority::{endpoint.Priority}\n");
        output.Write(FormattableString.Invariant($"{start}success_rate::{endpoint.OutlierMonitor?.External.SuccessRate ?? -1}\n"));
        output.Write(FormattableString.Invariant($"{start}local_origin_success_rate::{endpoint.OutlierMonitor?.LocalOrigin.SuccessRate ?? -1}\n"));
    }
}
