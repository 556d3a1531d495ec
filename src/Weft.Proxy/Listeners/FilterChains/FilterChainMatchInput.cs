using Weft.Net;

namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>What a filter chain is chosen by. What no listener filter has found out is empty.</summary>
public readonly record struct FilterChainMatchInput
{
    public FilterChainMatchInput()
    {
    }

    /// <summary>Where the client wanted to go: restored by original_dst or a PROXY header.</summary>
    public NetAddress LocalAddress { get; init; }

    /// <summary>The client, as a PROXY header says.</summary>
    public NetAddress RemoteAddress { get; init; }

    /// <summary>The peer of the socket.</summary>
    public NetAddress DirectRemoteAddress { get; init; }

    /// <summary>Lower case; empty when the client named none.</summary>
    public string ServerName { get; init; } = "";

    /// <summary><c>tls</c> or <c>raw_buffer</c>; empty when nobody has looked.</summary>
    public string TransportProtocol { get; init; } = "";

    /// <summary>What the client offers by ALPN, or what http_inspector found.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];
}
