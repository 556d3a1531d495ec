using Weft.Net;

namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>What a filter chain is chosen by. What no listener filter has found out is empty.</summary>
public readonly record struct FilterChainMatchInput
{
    /// <summary>Transport protocol of clear text, and of whatever nobody has looked at.</summary>
    public const string RawBuffer = "raw_buffer";

    public const string Tls = "tls";

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

    /// <summary><see cref="Tls"/> or <see cref="RawBuffer"/>.</summary>
    public string TransportProtocol { get; init; } = RawBuffer;

    /// <summary>What the client offers by ALPN, or what http_inspector found.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];
}
