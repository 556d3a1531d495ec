using Weft.Net;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>
/// What a stream to a processor that only observes is heard by: its filter, and nobody once that has gone on to another request. Then the stream stays for a while,
/// so that what was sent last arrives. One worker.
/// </summary>
internal sealed class ObserverStream(ExtProcFilter filter) : IGrpcStreamHandler
{
    private IGrpcStreamHandler? _filter = filter;
    private LoopTimer? _close;

    /// <summary>Ends the stream after a delay, or with the processor.</summary>
    /// <param name="delayMs">deferred_close_timeout.</param>
    /// <param name="closed">Is called when it has ended.</param>
    public void CloseLater(GrpcStream stream, EventLoop loop, long delayMs, Action closed)
    {
        _filter = null;
        _close = new LoopTimer(loop, () =>
        {
            stream.Cancel();
            closed();
        });
        _close.Arm(delayMs);
    }

    void IGrpcStreamHandler.OnStreamOpened() => _filter?.OnStreamOpened();

    /// <summary>Answers count for nothing.</summary>
    void IGrpcStreamHandler.OnMessage(ReadOnlySpan<byte> message)
    {
    }

    void IGrpcStreamHandler.OnStreamClosed(int status, string message)
    {
        if (_filter is { } filter)
            filter.OnStreamClosed(status, message);
        else if (_close is { IsArmed: true } close)
            close.Arm(0);
    }
}
