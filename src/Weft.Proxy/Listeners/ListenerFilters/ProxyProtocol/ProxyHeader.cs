using Weft.Net;

namespace Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;

/// <summary>What a PROXY protocol header says.</summary>
public sealed class ProxyHeader
{
    /// <summary>1 or 2.</summary>
    public required int Version { get; init; }

    /// <summary>Its length on the wire.</summary>
    public required int Length { get; init; }

    /// <summary>The proxy speaks for itself (a health check), or does not know: the socket's addresses count.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The client.</summary>
    public NetAddress Source { get; init; }

    /// <summary>Where it wanted to go.</summary>
    public NetAddress Destination { get; init; }

    /// <summary>Type and value, in order.</summary>
    public IReadOnlyList<(byte Type, byte[] Value)> Tlvs { get; init; } = [];
}

/// <summary>How far the reading of a <see cref="ProxyHeader"/> came.</summary>
public enum ProxyHeaderStatus : byte
{
    Found,

    /// <summary>It has begun like one.</summary>
    NeedsMore,

    /// <summary>The first bytes are not those of a header.</summary>
    NotFound,

    /// <summary>It begins like one and breaks the protocol.</summary>
    Malformed,
}
