using Google.Protobuf.Collections;
using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;
using FilterStateMessage = Envoy.Extensions.Filters.Common.SetFilterState.V3.FilterStateValue;
using Message = Envoy.Extensions.Filters.Network.SetFilterState.V3.Config;

namespace Weft.Proxy.NetworkFilters.SetFilterState;

/// <summary>envoy.filters.network.set_filter_state: keeps formatted texts with a new connection, for the filters behind it. Worker thread.</summary>
internal sealed class SetFilterStateFilter(SetFilterStateFactory factory) : NetworkFilter
{
    private bool _isSecured;
    private bool _hasData;

    public override NetworkFilterStatus OnNewConnection()
    {
        Apply(factory.OnConnection);
        if (Connection.Socket.Transport is null) OnSecured();
        return NetworkFilterStatus.Continue;
    }

    /// <summary>What a client sends comes when its handshake is done.</summary>
    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_hasData) return NetworkFilterStatus.Continue;
        _hasData = true;
        if (!_isSecured) OnSecured();
        Apply(factory.OnData);
        return NetworkFilterStatus.Continue;
    }

    private void OnSecured()
    {
        _isSecured = true;
        if (factory.OnHandshake is null && factory.OnData is null) return;
        // Formats may name what the handshake came to.
        Connection.NoteTls();
        Apply(factory.OnHandshake);
    }

    private void Apply(FilterStateRules? rules) => rules?.Apply(Connection.Info.FilterState, new FormatContext(Connection.Info), new ByteWriter(64));
}

/// <summary>Makes the filters.</summary>
internal sealed class SetFilterStateFactory(Message config, FactoryContext context) : NetworkFilterFactory
{
    /// <summary>on_new_connection; null: nothing, as below.</summary>
    public FilterStateRules? OnConnection { get; } = RulesOf(config.OnNewConnection, context);

    /// <summary>on_downstream_tls_handshake: when the handshake is done; at once in clear text.</summary>
    public FilterStateRules? OnHandshake { get; } = RulesOf(config.OnDownstreamTlsHandshake, context);

    /// <summary>on_downstream_data: when the client has sent something.</summary>
    public FilterStateRules? OnData { get; } = RulesOf(config.OnDownstreamData, context);

    public override bool IsTerminal => false;

    public override NetworkFilter Create(Worker worker) => new SetFilterStateFilter(this);

    private static FilterStateRules? RulesOf(RepeatedField<FilterStateMessage> values, FactoryContext context) => values.Count == 0 ? null : FilterStateRules.Create(values, context);
}
