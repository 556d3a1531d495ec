using Weft.Net;

namespace Weft.Proxy.Listeners;

/// <summary>One listener as configured, validated. Immutable, shared by all workers.</summary>
public sealed class ListenerConfig
{
    public required Envoy.Config.Listener.V3.Listener Source { get; init; }

    /// <summary>The configured name, else a generated UUID as Envoy does.</summary>
    public required string Name { get; init; }

    /// <summary>The main address first, then additional_addresses; ports are the bound ones once bound.</summary>
    public required IReadOnlyList<NetAddress> Addresses { get; init; }
}
