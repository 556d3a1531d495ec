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

    /// <summary>A connection is closed when it has been idle, or a request of HTTP/1 under way, this long. Streams of HTTP/2 may last.</summary>
    public int IdleMs { get; init; } = 60_000;
}

/// <summary>What all ports together hold for requests that are under way. Loop thread.</summary>
internal sealed class ServingLoad
{
    /// <summary>Bytes of bodies and messages.</summary>
    public long PendingBytes { get; set; }

    public int Connections { get; set; }

    /// <summary>Connections that were closed because there were too many.</summary>
    public long Refused { get; set; }
}
