using Envoy.Extensions.Filters.Http.Composite.V3;
using Weft.Base;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Discovered;
using Weft.Proxy.HttpFilters.MatchDelegate;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.HttpFilters.Composite;

/// <summary>ExecuteFilterAction: a composite filter hands the request to another filter.</summary>
internal sealed class ExecuteAction : DelegateAction
{
    private readonly HttpFilterFactory? _filter;
    private readonly RuntimeFraction? _share;

    private ExecuteAction(string name, HttpFilterFactory? filter, ExecuteFilterAction config)
    {
        (Name, _filter) = (name, filter);
        if (config.SamplePercent is { } share) _share = RuntimeFraction.From(share);
    }

    /// <summary>Of the configuration that it carries out.</summary>
    public string Name { get; }

    /// <summary>What makes the filter now; null only where faults have been reported.</summary>
    public HttpFilterFactory? Filter => _filter is DiscoveredFilterFactory discovered ? discovered.Current : _filter;

    /// <summary>sample_percent: it is carried out for this request.</summary>
    public bool IsDrawn(RuntimeSnapshot runtime, RandomSource random) => _share is not { } share || runtime.IsEnabled(share, random.Next());

    /// <summary>Faults are reported.</summary>
    public static ExecuteAction Create(ExecuteFilterAction config, string statPrefix, bool mayDiscover, FactoryContext context)
    {
        if (config.DynamicConfig is not { } dynamic)
            return new ExecuteAction(config.TypedConfig?.Name ?? "", Inner(config, statPrefix, context), config);
        HttpFilterFactory? filter = null;
        if (config.TypedConfig is not null)
            context.Config.Error(config, "dynamic_config", "Error: Only one of `dynamic_config` or `typed_config` can be set.");
        else if (!mayDiscover)
            context.Config.Error(config, "dynamic_config", "not implemented yet in the matcher of a route");
        else if (dynamic.ConfigDiscovery is not { } source)
            context.Config.Error(dynamic, "config_discovery", "value is required");
        else
            filter = HttpFilterChainCompiler.CreateDiscovered(dynamic.Name, source, statPrefix, isLast: false, context);
        return new ExecuteAction(dynamic.Name, filter, config);
    }

    public override string ToString() => $"goes through the filter {Name}" + (_share is { } share ? $" ({share.Numerator}/{share.Denominator} of the requests)" : "");

    private static HttpFilterFactory? Inner(ExecuteFilterAction config, string statPrefix, FactoryContext context)
    {
        if (config.TypedConfig is null)
        {
            context.Config.Error(config, "typed_config", "value is required");
            return null;
        }

        var filter = HttpFilterChainCompiler.CreateInner(config.TypedConfig, statPrefix, context);
        if (filter is { IsTerminal: true }) context.Config.Error(config, "typed_config", $"a terminal filter ({filter.Name}) ends a chain: it cannot be one of several");
        return filter;
    }
}
