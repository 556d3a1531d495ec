using Envoy.Extensions.StatSinks.GraphiteStatsd.V3;
using Weft.Proxy.Stats.Sinks.Statsd;

namespace Weft.Proxy.Stats.Sinks.GraphiteStatsd;

/// <summary>GraphiteStatsdSink: datagrams with tags behind the name. Main thread.</summary>
internal static class GraphiteStatsdSinkFactory
{
    public static StatsSink? Create(GraphiteStatsdSink config, StatsSinkContext context) => StatsdSinkFactory.CreateDatagram(
        config.Address,
        new StatsdLines(config.Prefix, StatsdTagFormat.Graphite, context.StatsConfig.Tags),
        (int)Math.Min(config.MaxBytesPerDatagram ?? 0, ushort.MaxValue),
        context);
}
