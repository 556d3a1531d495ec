using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using SetFilterStateMessage = Envoy.Extensions.Filters.Http.SetFilterState.V3.Config;

namespace Weft.Proxy.HttpFilters.SetFilterState;

/// <summary>What set_filter_state sets, of the filter or of a route. Immutable; any thread.</summary>
internal sealed class SetFilterStateConfig : FilterRouteConfig
{
    private readonly FilterStateRules _rules;

    private SetFilterStateConfig(FilterStateRules rules) => _rules = rules;

    public static SetFilterStateConfig Create(SetFilterStateMessage config, FactoryContext context) => new(FilterStateRules.Create(config.OnRequestHeaders, context));

    /// <summary>Sets all of it.</summary>
    /// <param name="scratch">Is cleared.</param>
    public void Apply(FilterState state, in FormatContext context, ByteWriter scratch) => _rules.Apply(state, context, scratch);
}
