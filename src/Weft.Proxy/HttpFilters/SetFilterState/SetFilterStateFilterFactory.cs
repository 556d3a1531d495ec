using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using SetFilterStateMessage = Envoy.Extensions.Filters.Http.SetFilterState.V3.Config;

namespace Weft.Proxy.HttpFilters.SetFilterState;

/// <summary>Makes filters that keep formatted texts with requests (envoy.filters.http.set_filter_state).</summary>
internal sealed class SetFilterStateFilterFactory : HttpFilterFactory
{
    public required SetFilterStateConfig Config { get; init; }

    public static SetFilterStateFilterFactory Create(string name, SetFilterStateMessage config, string statPrefix, FactoryContext context)
        => new() { Name = name, Config = SetFilterStateConfig.Create(config, context) };

    public override HttpFilter Create(Worker worker) => new SetFilterStateFilter(Config);
}
