using Envoy.Config.Metrics.V3;
using Envoy.Extensions.StatSinks.GraphiteStatsd.V3;
using Weft.Proxy.Stats.Sinks.DogStatsd;
using Weft.Proxy.Stats.Sinks.GraphiteStatsd;
using Weft.Proxy.Stats.Sinks.Hystrix;
using Weft.Proxy.Stats.Sinks.MetricsService;
using Weft.Proxy.Stats.Sinks.OpenTelemetry;
using Weft.Proxy.Stats.Sinks.Statsd;
using OtlpSinkConfig = Envoy.Extensions.StatSinks.OpenTelemetry.V3.SinkConfig;
using SinkMessage = Envoy.Config.Metrics.V3.StatsSink;

namespace Weft.Proxy.Stats.Sinks;

/// <summary>Every kind of sink, in one place. Main thread.</summary>
internal static class StatsSinkRegistry
{
    /// <summary>Makes the configured sinks; faults are reported in the context.</summary>
    public static StatsSink[] Create(IEnumerable<SinkMessage> configs, StatsSinkContext context) =>
        [.. configs.Select(config => Create(config, context)).OfType<StatsSink>()];

    private static StatsSink? Create(SinkMessage config, StatsSinkContext context)
    {
        switch (context.Factory.Config.Unpack(config.TypedConfig))
        {
            case StatsdSink statsd:
                return StatsdSinkFactory.Create(statsd, context);
            case DogStatsdSink dogStatsd:
                return DogStatsdSinkFactory.Create(dogStatsd, context);
            case GraphiteStatsdSink graphite:
                return GraphiteStatsdSinkFactory.Create(graphite, context);
            case HystrixSink hystrix:
                return new HystrixStatsSink(hystrix, context);
            case MetricsServiceConfig service:
                return MetricsServiceSinkFactory.Create(service, context);
            case OtlpSinkConfig otlp:
                return OtlpMetricsSinkFactory.Create(otlp, context);
            case null when config.TypedConfig is not null:
                return null;
            case var other:
                context.Factory.Config.Error(config, "typed_config", $"stats sink '{other?.Descriptor.FullName ?? config.Name}' is not implemented");
                return null;
        }
    }
}
