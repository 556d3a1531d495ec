using Envoy.Config.Metrics.V3;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.Stats.Sinks.MetricsService;

/// <summary>MetricsServiceConfig. Main thread.</summary>
internal static class MetricsServiceSinkFactory
{
    private const string Method = "/envoy.service.metrics.v3.MetricsService/StreamMetrics";

    public static StatsSink? Create(MetricsServiceConfig config, StatsSinkContext context)
    {
        // The API's own rules report what is missing.
        if (config.GrpcService is not { } service || CollectorTarget.Create(service, Method, "envoy.stat_sinks.metrics_service", context.Factory, isStream: true) is not { } target)
            return null;
        var options = new MetricFamilyOptions(config.ReportCountersAsDeltas ?? false, config.EmitTagsAsLabels, config.HistogramEmitMode);
        return new MetricsServiceSink(new MetricFamilies(options, context.StatsConfig), target, context.Node, context.Main);
    }
}
