using Envoy.Config.Metrics.V3;
using Weft.Proxy.Stats.Sinks.Statsd;

namespace Weft.Proxy.Stats.Sinks.DogStatsd;

/// <summary>DogStatsdSink: datagrams with tags behind the value. Main thread.</summary>
internal static class DogStatsdSinkFactory
{
    public static StatsSink? Create(DogStatsdSink config, StatsSinkContext context) => StatsdSinkFactory.CreateDatagram(
        config.Address,
        new StatsdLines(config.Prefix, StatsdTagFormat.DogStatsd, context.StatsConfig.Tags),
        (int)Math.Min(config.MaxBytesPerDatagram ?? 0, ushort.MaxValue),
        context);
}
