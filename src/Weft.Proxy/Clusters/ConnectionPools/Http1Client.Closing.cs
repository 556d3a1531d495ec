using Weft.Net;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <content>How a connection ends: failures to connect, limits of time, closing and its statistics.</content>
internal sealed partial class Http1Client
{
    private void Close(bool local)
    {
        if (_gone)
            return;
        _socket.Close(CloseMode.Now);
        Gone(local);
    }

    private void Gone(bool local)
    {
        if (_gone)
            return;
        _gone = true;
        _decoder.Pause();
        _idleTimer?.Cancel();
        _durationTimer?.Cancel();
        if (IsIdle)
            _pool.RemoveIdle(this);
        var stats = _pool.Cluster.Stats;
        stats.UpstreamCxDestroy.Inc();
        if (local)
            stats.UpstreamCxDestroyLocal.Inc();
        else
            stats.UpstreamCxDestroyRemote.Inc();
        CountSentBytes();
        stats.UpstreamCxLengthMs.Record((_pool.Worker.Loop.NowUs - _startUs) / 1000);
        _pool.OnClientGone();
    }

    private void CountSentBytes()
    {
        var sent = _socket.BytesSent;
        _pool.Cluster.Stats.UpstreamCxTxBytesTotal.Add(sent - _countedTxBytes);
        _countedTxBytes = sent;
    }

    private void OnConnectFailed(CloseReason reason)
    {
        var stats = _pool.Cluster.Stats;
        stats.UpstreamCxConnectFail.Inc();
        _pool.Endpoint.Stats.CxConnectFail.Inc();
        var timedOut = reason == CloseReason.ConnectTimeout;
        if (timedOut)
            stats.UpstreamCxConnectTimeout.Inc();
        _pool.OnConnectFailed(
            timedOut ? ResetReason.ConnectionTimeout : ResetReason.RemoteConnectionFailure,
            timedOut ? null : $"delayed connect error: {NetException.Text(_socket.LastError)}");
        Gone(local: timedOut);
    }

    private void OnIdleTimer()
    {
        if (!IsIdle)
            return;
        var idleMs = _pool.Worker.Loop.NowMs - _idleSinceMs;
        if (idleMs < _pool.Cluster.IdleTimeoutMs)
        {
            _idleTimer!.Arm(_pool.Cluster.IdleTimeoutMs - idleMs);
            return;
        }

        _pool.Cluster.Stats.UpstreamCxIdleTimeout.Inc();
        Close(local: true);
    }

    private void OnDurationTimer()
    {
        _pool.Cluster.Stats.UpstreamCxMaxDurationReached.Inc();
        if (IsIdle)
            Close(local: true);
        else
            _closeAfterRequest = true;
    }
}
