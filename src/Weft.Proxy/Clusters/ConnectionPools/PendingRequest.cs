namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>A place in a pool's queue of requests that wait for a connection; owned and reused by the one who waits. Worker thread.</summary>
internal sealed class PendingRequest(IUpstreamHandler handler)
{
    internal PendingRequest? Previous;
    internal PendingRequest? Following;
    internal HttpPool? Pool;

    public IUpstreamHandler Handler => handler;

    /// <summary>In a queue.</summary>
    public bool IsWaiting => Pool is not null;

    /// <summary>Leaves the queue.</summary>
    public void Cancel() => Pool?.CancelPending(this);
}
