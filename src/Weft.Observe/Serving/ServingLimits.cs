namespace Weft.Observe.Serving;

/// <summary>What the server gives away at most. Immutable.</summary>
internal sealed record ServingLimits
{
    /// <summary>Bytes of one request's body, compressed and not; a longer one is answered 413.</summary>
    public int MaxBodyBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Bytes of all bodies that are under way; beyond them requests are answered 503.</summary>
    public long MaxPendingBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Connections at once; more are closed as they come.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>A connection without a call under way, or that does not go on with one, is closed after this long.</summary>
    public int IdleMs { get; init; } = 60_000;
}
