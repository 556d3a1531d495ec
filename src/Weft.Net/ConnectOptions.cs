namespace Weft.Net;

/// <summary>A raw socket option: Envoy's SocketOption.</summary>
/// <param name="Level">For example SOL_SOCKET.</param>
/// <param name="Name">The option's number.</param>
/// <param name="Value">Its bytes; an int is four of them.</param>
public readonly record struct SocketOption(int Level, int Name, ReadOnlyMemory<byte> Value);

/// <summary>Options of an outgoing connection.</summary>
public sealed record ConnectOptions
{
    /// <summary>Address to bind to before connecting; none by default.</summary>
    public NetAddress Source { get; init; }

    /// <summary>Set before connecting, in order; a refused one fails the connection.</summary>
    public IReadOnlyList<SocketOption> SocketOptions { get; init; } = [];

    /// <summary>TCP keep-alive: probes, idle seconds, interval seconds; null leaves the system's default.</summary>
    public (int? Probes, int? TimeSeconds, int? IntervalSeconds)? KeepAlive { get; init; }
}
