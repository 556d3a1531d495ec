namespace Weft.Proxy.Listeners.ListenerFilters.Conditional;

/// <summary>A listener filter that connections pass by where filter_disabled says so; what filters in front have found out counts.</summary>
internal sealed class ConditionalListenerFilter(ListenerFilter inner, ListenerFilterCondition isDisabled) : ListenerFilter
{
    public override ListenerFilterStatus OnAccept(AcceptedConnection connection) =>
        isDisabled.IsMatch(connection.LocalAddress) ? ListenerFilterStatus.Continue : inner.OnAccept(connection);

    public override ListenerFilterStatus OnData(AcceptedConnection connection, ReadOnlySpan<byte> data, out int consumed) => inner.OnData(connection, data, out consumed);
}

/// <summary>Makes the filters.</summary>
internal sealed class ConditionalListenerFilterFactory(ListenerFilterFactory inner, ListenerFilterCondition isDisabled) : ListenerFilterFactory
{
    public override ListenerFilter Create() => new ConditionalListenerFilter(inner.Create(), isDisabled);
}
