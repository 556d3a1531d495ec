using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using ConfigMessage = Envoy.Extensions.Filters.Http.HeaderToMetadata.V3.Config;

namespace Weft.Proxy.HttpFilters.HeaderToMetadata;

/// <summary>Turns headers and cookies into dynamic metadata, by which requests are routed or logged. Pooled; worker thread.</summary>
internal sealed class HeaderToMetadataFilter(MetadataRules rules) : HttpFilter
{
    private readonly ByteWriter _scratch = new(64);
    private MetadataRules? _used;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream) => Apply(Used.Request, headers, Used.RequestStats);

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream) => Apply(Used.Response, headers, Used.ResponseStats);

    public override void OnReset() => _used = null;

    private MetadataRules Used => _used ??= Stream.RouteConfig(this) as MetadataRules ?? rules;

    private FilterStatus Apply(MetadataRule[] list, HeaderMap headers, MetadataRuleStats? stats)
    {
        foreach (var rule in list)
            rule.Apply(headers, Stream.Info.DynamicMetadata, _scratch, stats);
        return FilterStatus.Continue;
    }
}

/// <summary>The rules of the filter or of a route. Immutable; any thread.</summary>
internal sealed class MetadataRules(ConfigMessage config, FactoryContext context) : FilterRouteConfig
{
    public MetadataRule[] Request { get; } = [.. config.RequestRules.Select(rule => MetadataRule.Create(rule, context.Config)).OfType<MetadataRule>()];

    public MetadataRule[] Response { get; } = [.. config.ResponseRules.Select(rule => MetadataRule.Create(rule, context.Config)).OfType<MetadataRule>()];

    /// <summary>Null: nothing is counted.</summary>
    public MetadataRuleStats? RequestStats { get; } = MetadataRuleStats.Create(config.StatPrefix, "request", context.Stats);

    /// <summary>Null: nothing is counted.</summary>
    public MetadataRuleStats? ResponseStats { get; } = MetadataRuleStats.Create(config.StatPrefix, "response", context.Stats);

    public static MetadataRules OfRoute(ConfigMessage config, FactoryContext context)
    {
        if (config.RequestRules.Count == 0 && config.ResponseRules.Count == 0)
            context.Config.Error(config, null, "header_to_metadata_filter: Per filter configs must at least specify either request or response rules");
        return new MetadataRules(config, context);
    }
}

/// <summary>Makes filters that turn headers into metadata (envoy.filters.http.header_to_metadata).</summary>
internal sealed class HeaderToMetadataFilterFactory : HttpFilterFactory
{
    public required MetadataRules Rules { get; init; }

    public static HeaderToMetadataFilterFactory Create(string name, ConfigMessage config, string statPrefix, FactoryContext context)
        => new() { Name = name, Rules = new MetadataRules(config, context) };

    public override HttpFilter Create(Worker worker) => new HeaderToMetadataFilter(Rules);
}
