namespace Weft.Observe.Proxies;

/// <summary>Reads <c>/listeners?format=json</c>.</summary>
internal static class ListenersReader
{
    private const int MaxListeners = 1_000;

    /// <exception cref="BadInputException">It is not that.</exception>
    public static IReadOnlyList<ListenerStatus> Read(ReadOnlyMemory<byte> answer)
    {
        using var document = JsonFields.Parse(answer);
        return [.. document.RootElement.List("listener_statuses").Take(MaxListeners).Select(static listener => new ListenerStatus(
            listener.Text("name"),
            [AddressText.Of(listener.Field("local_address")), .. listener.List("additional_local_addresses").Select(static address => AddressText.Of(address))]))];
    }
}
