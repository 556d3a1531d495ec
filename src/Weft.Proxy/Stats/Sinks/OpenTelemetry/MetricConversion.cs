using Envoy.Extensions.StatSinks.OpenTelemetry.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using MatcherMessage = Xds.Type.Matcher.V3.Matcher;

namespace Weft.Proxy.Stats.Sinks.OpenTelemetry;

/// <summary>What a statistic becomes that custom_metric_conversions matches. Immutable.</summary>
/// <param name="Name">metric_name, in place of the statistic's.</param>
/// <param name="Labels">static_metric_labels, each a KeyValue as the wire has it, behind the tags.</param>
internal sealed record MetricConversion(string Name, byte[][] Labels)
{
    /// <summary>Null without a configuration; faults are reported.</summary>
    public static Matcher<MetricConversion>? Compile(MatcherMessage? config, FactoryContext context) => config is null
        ? null
        : new MatcherCompiler<MetricConversion>(context, MatchScope.Statistic, static action => action is SinkConfig.Types.ConversionAction conversion ? Of(conversion) : null).Compile(config);

    private static MetricConversion Of(SinkConfig.Types.ConversionAction action) =>
        new(action.MetricName, [.. action.StaticMetricLabels.Select(static label => label.ToByteArray())]);
}
