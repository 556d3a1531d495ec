using Envoy.Extensions.StatSinks.OpenTelemetry.V3;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Tracing.OpenTelemetry;

namespace Weft.Proxy.Stats.Sinks.OpenTelemetry;

/// <summary>SinkConfig of envoy.stat_sinks.open_telemetry. Main thread.</summary>
internal static class OtlpMetricsSinkFactory
{
    private const string Method = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    /// <summary>How long a request may take when grpc_service.timeout does not say.</summary>
    private const long DefaultTimeoutMs = 5_000;

    public static StatsSink? Create(SinkConfig config, StatsSinkContext context)
    {
        // The API's own rules report what is missing.
        if (config.GrpcService is not { } service || CollectorTarget.Create(service, Method, "envoy.stat_sinks.open_telemetry", context.Factory) is not { } target)
            return null;
        var options = new OtlpMetricOptions(
            config.ReportCountersAsDeltas,
            config.ReportHistogramsAsDeltas,
            config.EmitTagsAsAttributes ?? true,
            config.UseTagExtractedName ?? true,
            config.Prefix.Length > 0 ? config.Prefix + "." : "");
        if (target.TimeoutMs == 0)
            target = target with { TimeoutMs = DefaultTimeoutMs };
        var resource = OtelResource.Create("", config.ResourceDetectors, context.Factory.Config);
        var conversions = MetricConversion.Compile(config.CustomMetricConversions, context.Factory);
        var now = context.Main.Loop.UtcNow;
        OtlpMetricWriter metrics = conversions is null ? new OtlpMetrics(options, context.StatsConfig, now) : new OtlpConvertedMetrics(options, context.StatsConfig, conversions, now);
        return new OtlpMetricsSink(metrics, resource, target, context.Main);
    }
}
