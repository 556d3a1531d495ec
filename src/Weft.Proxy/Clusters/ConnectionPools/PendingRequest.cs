using Weft.Proxy.HttpFilters.Upstream;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>A place in a pool's queue of requests that wait for a connection; owned and reused by the one who waits. Worker thread.</summary>
internal sealed class PendingRequest(IUpstreamHandler handler)
{
    private readonly IUpstreamHandler _sender = handler;

    internal PendingRequest? Previous;
    internal PendingRequest? Following;
    internal HttpPool? Pool;

    /// <summary>Who waits, or the filters that its request passes first.</summary>
    public IUpstreamHandler Handler { get; private set; } = handler;

    /// <summary>In a queue.</summary>
    public bool IsWaiting => Pool is not null;

    /// <summary>The request passes filters first; they are made anew when the sender's last one did not pass the same.</summary>
    /// <param name="chain">Null: it passes none.</param>
    /// <param name="bufferLimitBytes">How much of its body may wait in them.</param>
    /// <param name="worker">Whose turn it is.</param>
    internal void Pass(UpstreamFilterChain? chain, int bufferLimitBytes, Worker worker)
    {
        if (chain is null)
        {
            Handler = _sender;
            return;
        }

        if (Handler is not FilteredUpstream filtered || filtered.Chain != chain)
        {
            var call = new FilteredCall(_sender, bufferLimitBytes);
            Handler = filtered = call.Filters = new FilteredUpstream(chain, call, worker);
        }

        filtered.BeginLate();
    }

    /// <summary>Leaves the queue.</summary>
    public void Cancel() => Pool?.CancelPending(this);
}
