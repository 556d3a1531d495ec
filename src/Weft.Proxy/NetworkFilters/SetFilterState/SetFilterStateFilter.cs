using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Network.SetFilterState.V3.Config;

namespace Weft.Proxy.NetworkFilters.SetFilterState;

/// <summary>envoy.filters.network.set_filter_state: keeps formatted texts with a new connection, for the filters behind it. Worker thread.</summary>
internal sealed class SetFilterStateFilter(FilterStateRules rules) : NetworkFilter
{
    public override NetworkFilterStatus OnNewConnection()
    {
        rules.Apply(Connection.Info.FilterState, new FormatContext(Connection.Info), new ByteWriter(64));
        return NetworkFilterStatus.Continue;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream) => NetworkFilterStatus.Continue;
}

/// <summary>Makes the filters.</summary>
internal sealed class SetFilterStateFactory(Message config, FactoryContext context) : NetworkFilterFactory
{
    private readonly FilterStateRules _rules = FilterStateRules.Create(config.OnNewConnection, context);

    public override bool IsTerminal => false;

    public override NetworkFilter Create(Worker worker) => new SetFilterStateFilter(_rules);
}
