using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Stats;
using Weft.Proxy.Streams;
using Weft.Proxy.TransportSockets;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.TcpConnections;

/// <summary>
/// One connection to an endpoint for one client, with what it counts for: cluster and endpoint statistics, circuit
/// breakers. It outlives its client while it still has bytes of it to deliver. Worker thread.
/// </summary>
internal sealed class TcpUpstream : ITcpUpstream, IConnectionHandler, IEndpointConnection
{
    /// <summary>How long the last bytes of a client that is gone may go without progress.</summary>
    private const int FlushLingerMs = 60_000;

    private static long _lastId;

    private readonly Worker _worker;
    private readonly ClusterConfig _cluster;
    private readonly CircuitBreaker _breaker;
    private readonly Connection _socket;
    private readonly long _startUs;
    private readonly WorkerCluster? _owner;
    private ITcpUpstreamHandler? _handler;
    private TcpProxyStats? _flushing;
    private long _countedSent;
    private bool _connected;
    private bool _gone;

    /// <summary>Takes a connection and, until it is established, a pending request from the default circuit breaker, if it has them.</summary>
    public static bool TryAcquire(ClusterConfig cluster)
    {
        var breaker = cluster.CircuitBreakers.Default;
        if (!breaker.Connections.TryAcquire())
        {
            cluster.Stats.UpstreamCxOverflow.Inc();
            return false;
        }
        if (breaker.PendingRequests.TryAcquire())
            return true;
        breaker.Connections.Release();
        cluster.Stats.UpstreamRqPendingOverflow.Inc();
        return false;
    }

    /// <summary>Connects; the caller has what <see cref="TryAcquire"/> gives.</summary>
    public TcpUpstream(Worker worker, ClusterConfig cluster, Endpoint endpoint, ITcpUpstreamHandler handler, StreamInfo? downstream = null, WorkerCluster? owner = null)
    {
        _owner = owner;
        owner?.Track(this);
        _worker = worker;
        _cluster = cluster;
        Endpoint = endpoint;
        _breaker = cluster.CircuitBreakers.Default;
        _handler = handler;
        _startUs = worker.Loop.NowUs;
        Id = Interlocked.Increment(ref _lastId);
        var stats = cluster.Stats;
        stats.UpstreamCxTotal.Inc();
        stats.UpstreamCxActive.Inc();
        stats.UpstreamRqPendingTotal.Inc();
        stats.UpstreamRqPendingActive.Inc();
        endpoint.Stats.CxTotal.Inc();
        endpoint.Stats.CxActive.Inc();
        _socket = cluster.Connect(worker.Loop, endpoint, endpoint.Address, cluster.ConnectTimeoutMs, this, new UpstreamTransportOptions
        {
            Client = downstream is null ? null : ProxiedClient.Of(downstream),
            Source = downstream?.UpstreamSource,
            SharedState = cluster.Transports.SharesState && downstream is not null ? SharedFilterState.Of(downstream.FilterState) : null,
        });
        _socket.UnsentBytes = stats.UpstreamCxTxBytesBuffered;
        _socket.HighWatermarkBytes = cluster.PerConnectionBufferLimitBytes;
        if (cluster.PerConnectionBufferLimitBytes > 0)
            _socket.MaxReadBytes = cluster.PerConnectionBufferLimitBytes;
    }

    public Endpoint Endpoint { get; }

    public long Id { get; }

    public NetAddress LocalAddress => _socket.LocalAddress;

    public NetAddress RemoteAddress => _socket.RemoteAddress;

    /// <summary>Its handshake; null in clear text.</summary>
    public TlsFacts? Tls => (_socket.Transport as TlsTransport)?.Facts;

    public long BytesSent => _socket.BytesSent;

    /// <summary>What waits for the endpoint to take it.</summary>
    public long UnsentBytes => _socket.Output.Length;

    public void Write(ReadOnlySpan<byte> data)
    {
        _socket.Write(data);
        CountSent();
    }

    public void ShutdownWrite() => _socket.ShutdownWrite();

    public void PauseReading()
    {
        _cluster.Stats.UpstreamFlowControlPausedReadingTotal.Inc();
        _socket.PauseReading();
    }

    public void ResumeReading()
    {
        _cluster.Stats.UpstreamFlowControlResumedReadingTotal.Inc();
        _socket.ResumeReading();
    }

    public void Close()
    {
        if (_gone)
            return;
        _handler = null;
        _socket.Close(CloseMode.Now);
        if (!_connected)
            _cluster.Stats.UpstreamRqCancelled.Inc();
        Gone(isLocal: true);
    }

    public void CloseAfterFlush(TcpProxyStats? stats)
    {
        if (_gone)
            return;
        if (!_connected)
        {
            Close();
            return;
        }
        _handler = null;
        if (!_socket.Output.IsEmpty)
        {
            _socket.LingerMs = FlushLingerMs;
            _flushing = stats;
            stats?.UpstreamFlushTotal.Inc();
            stats?.UpstreamFlushActive.Inc();
        }
        _socket.Close(CloseMode.Flush);
    }

    void IEndpointConnection.OnEndpointFailed()
    {
        // One that is still being made finds out by itself.
        if (_gone || !_connected)
            return;
        var handler = _handler;
        _handler = null;
        _socket.Close(CloseMode.Now);
        Gone(isLocal: true);
        handler?.OnUpstreamClosed(inOrder: false);
    }

    void IConnectionHandler.OnConnected()
    {
        _connected = true;
        Endpoint.OutlierMonitor?.PutConnected(isFinal: true);
        EndPending();
        var stats = _cluster.Stats;
        stats.UpstreamCxConnectMs.Record((_worker.Loop.NowUs - _startUs) / 1000);
        stats.UpstreamRqTotal.Inc();
        stats.UpstreamRqActive.Inc();
        Endpoint.Stats.RqTotal.Inc();
        // Requests are counted but not limited for TCP, as in Envoy: the limit on connections does that.
        _breaker.Requests.Acquire();
        Interlocked.Increment(ref Endpoint.ActiveRequests);
        _handler?.OnUpstreamConnected();
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        _cluster.Stats.UpstreamCxRxBytesTotal.Add(data.Length);
        _handler?.OnUpstreamData(data);
    }

    void IConnectionHandler.OnReadEnd() => _handler?.OnUpstreamReadEnd();

    void IConnectionHandler.OnClosed(CloseReason reason)
    {
        var handler = _handler;
        _handler = null;
        var isFailure = !_connected;
        if (isFailure)
            CountConnectFailure(reason);
        Gone(isLocal: reason is CloseReason.Local or CloseReason.ConnectTimeout);
        if (isFailure)
            TellConnectFailure(handler, reason);
        else
            handler?.OnUpstreamClosed(inOrder: reason == CloseReason.Remote && _socket.ReadEnded);
    }

    void IConnectionHandler.OnAboveHighWatermark()
    {
        _cluster.Stats.UpstreamFlowControlBackedUpTotal.Inc();
        _handler?.OnUpstreamAboveHighWatermark();
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
        _cluster.Stats.UpstreamFlowControlDrainedTotal.Inc();
        _handler?.OnUpstreamBelowLowWatermark();
    }

    private void TellConnectFailure(ITcpUpstreamHandler? handler, CloseReason reason)
    {
        if (reason == CloseReason.ConnectTimeout)
            handler?.OnUpstreamConnectFailed(ResetReason.ConnectionTimeout, null);
        else
            handler?.OnUpstreamConnectFailed(ResetReason.RemoteConnectionFailure, UpstreamConnect.FailureOf(_socket));
    }

    private void CountConnectFailure(CloseReason reason)
    {
        _cluster.Stats.UpstreamCxConnectFail.Inc();
        Endpoint.Stats.CxConnectFail.Inc();
        if (_socket.HasFailedToBind)
            _cluster.Stats.BindErrors.Inc();
        _cluster.Stats.UpstreamRqPendingFailureEject.Inc();
        if (reason == CloseReason.ConnectTimeout)
        {
            _cluster.Stats.UpstreamCxConnectTimeout.Inc();
            Endpoint.OutlierMonitor?.PutTimeout();
        }
        else
        {
            Endpoint.OutlierMonitor?.PutConnectFailed();
        }
    }

    /// <summary>Bytes leave the socket whenever it takes them: counted when something happens anyway, and at the end.</summary>
    private void CountSent()
    {
        var sent = _socket.BytesSent;
        _cluster.Stats.UpstreamCxTxBytesTotal.Add(sent - _countedSent);
        _countedSent = sent;
    }

    private void EndPending()
    {
        _breaker.PendingRequests.Release();
        _cluster.Stats.UpstreamRqPendingActive.Dec();
    }

    private void Gone(bool isLocal)
    {
        if (_gone)
            return;
        _gone = true;
        _owner?.Forget(this);
        CountSent();
        if (_connected)
            EndRequest();
        else
            EndPending();
        var stats = _cluster.Stats;
        stats.UpstreamCxActive.Dec();
        stats.UpstreamCxDestroy.Inc();
        (isLocal ? stats.UpstreamCxDestroyLocal : stats.UpstreamCxDestroyRemote).Inc();
        stats.UpstreamCxLengthMs.Record((_worker.Loop.NowUs - _startUs) / 1000);
        Endpoint.Stats.CxActive.Dec();
        _breaker.Connections.Release();
        _flushing?.UpstreamFlushActive.Dec();
    }

    private void EndRequest()
    {
        _breaker.Requests.Release();
        _cluster.Stats.UpstreamRqActive.Dec();
        Interlocked.Decrement(ref Endpoint.ActiveRequests);
    }
}
