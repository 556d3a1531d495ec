using Weft.Net.Native;

namespace Weft.Net;

/// <summary>A raw socket option: Envoy's SocketOption.</summary>
/// <param name="Level">For example SOL_SOCKET.</param>
/// <param name="Name">The option's number.</param>
/// <param name="Value">Its bytes; an int is four of them.</param>
public readonly record struct SocketOption(int Level, int Name, ReadOnlyMemory<byte> Value)
{
    /// <summary>What lets a socket be bound to an address that is not this host's (IP_TRANSPARENT), and says by a mark which way its packets go.</summary>
    /// <param name="address">Of the same kind as the socket.</param>
    /// <param name="mark">SO_MARK; 0: none.</param>
    public static IEnumerable<SocketOption> ToBindElsewhere(NetAddress address, uint mark)
    {
        if (mark != 0)
            yield return new SocketOption(Sock.LevelSocket, Sock.Mark, BitConverter.GetBytes(mark));
        yield return address.Kind == NetAddressKind.IPv6
            ? new SocketOption(Sock.LevelIPv6, Sock.IPv6Transparent, BitConverter.GetBytes(1))
            : new SocketOption(Sock.LevelIP, Sock.IPTransparent, BitConverter.GetBytes(1));
        // The client's own port: an earlier connection from it may not be forgotten yet.
        if (address.Port != 0)
            yield return new SocketOption(Sock.LevelSocket, Sock.ReuseAddress, BitConverter.GetBytes(1));
    }
}

/// <summary>How the kernel finds out that a peer is gone without a word; null leaves the system's default.</summary>
/// <param name="Probes">Unanswered ones after which the connection is over.</param>
/// <param name="TimeSeconds">Without a byte before the first probe.</param>
/// <param name="IntervalSeconds">Between probes.</param>
public sealed record TcpKeepAlive(int? Probes, int? TimeSeconds, int? IntervalSeconds);

/// <summary>Options of an outgoing connection.</summary>
public sealed record ConnectOptions
{
    /// <summary>Address to bind to before connecting; none by default.</summary>
    public NetAddress Source { get; init; }

    /// <summary>Taken in place of <see cref="Source"/> for peers of another IP version: the first of the peer's version.</summary>
    public IReadOnlyList<NetAddress> OtherSources { get; init; } = [];

    /// <summary>Set before connecting, in order; a refused one fails the connection.</summary>
    public IReadOnlyList<SocketOption> SocketOptions { get; init; } = [];

    /// <summary>TCP keep-alive; null: none.</summary>
    public TcpKeepAlive? KeepAlive { get; init; }

    /// <summary>The address to bind to for a peer.</summary>
    public NetAddress SourceFor(NetAddress remote)
    {
        if (Source.Kind == remote.Kind)
            return Source;
        for (var i = 0; i < OtherSources.Count; i++)
        {
            if (OtherSources[i].Kind == remote.Kind)
                return OtherSources[i];
        }

        return Source;
    }
}
