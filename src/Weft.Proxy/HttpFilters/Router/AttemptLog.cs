using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>upstream_log: what is known of one attempt, and the lines about it. Pooled with the attempt; worker thread.</summary>
internal sealed class AttemptLog
{
    private readonly RouterFilterFactory _config;
    private readonly EventLoop _loop;
    private readonly LoopTimer _timer;
    private readonly StreamInfo _info = new();
    private IHttpStream? _stream;
    private HeaderMap? _request;
    private HeaderMap? _response;

    public AttemptLog(RouterFilterFactory config, EventLoop loop)
    {
        (_config, _loop) = (config, loop);
        _timer = new LoopTimer(loop, OnTimer);
    }

    public void Begin(IHttpStream stream, Endpoint endpoint, ClusterConfig cluster)
    {
        _stream = stream;
        var request = stream.Info;
        _info.Reset();
        _info.StartTime = _loop.UtcNow;
        _info.StartUs = _loop.NowUs;
        _info.DownstreamRemoteAddress = request.DownstreamRemoteAddress;
        _info.DownstreamDirectRemoteAddress = request.DownstreamDirectRemoteAddress;
        _info.DownstreamLocalAddress = request.DownstreamLocalAddress;
        _info.ConnectionId = request.ConnectionId;
        _info.FilterChainName = request.FilterChainName;
        _info.Route = request.Route;
        _info.Span = request.Span;
        _info.RandomValue = request.RandomValue;
        _info.AttemptCount = request.AttemptCount;
        _info.UpstreamEndpoint = endpoint;
        _info.UpstreamCluster = cluster;
        if (_config.UpstreamLogTimes.IntervalMs > 0)
            _timer.Arm(_config.UpstreamLogTimes.IntervalMs);
    }

    /// <summary>There is a connection, and the head of the request was sent on it.</summary>
    /// <param name="stream">The connection's.</param>
    /// <param name="head">As it was sent; kept until the attempt is over.</param>
    public void OnConnection(UpstreamStream stream, HeaderMap head)
    {
        _request = head;
        (_info.UpstreamLocalAddress, _info.UpstreamRemoteAddress) = (stream.LocalAddress, stream.RemoteAddress);
        _info.UpstreamConnectionId = stream.ConnectionId;
        _info.Protocol = _info.UpstreamProtocol = stream.Protocol;
        _info.FirstUpstreamTxByteUs = _loop.NowUs;
        if (_config.UpstreamLogTimes.OnBegin)
            WriteInterim(AccessLogType.UpstreamPoolReady);
    }

    public void OnResponse(HeaderMap headers)
    {
        _response = headers;
        _info.ResponseCode = headers.Status;
        _info.FirstUpstreamRxByteUs = _loop.NowUs;
        _info.ResponseCodeDetails = "via_upstream";
    }

    /// <summary>The attempt is over. A second call does nothing.</summary>
    /// <param name="sentBytes">Of the request's body.</param>
    /// <param name="receivedBytes">Of the response's body.</param>
    /// <param name="failure">Null: it did not fail.</param>
    public void End(long sentBytes, long receivedBytes, ResetReason? failure)
    {
        if (_stream is null)
            return;
        _timer.Cancel();
        _info.BytesSent = sentBytes;
        _info.BytesReceived = receivedBytes;
        _info.LastUpstreamRxByteUs = _info.EndUs = _loop.NowUs;
        if (failure is { } reason)
            _info.ResponseFlags = UpstreamFailure.FlagsOf(reason);
        Write(AccessLogType.UpstreamEnd);
        _stream = null;
        _request = _response = null;
    }

    private void OnTimer()
    {
        WriteInterim(AccessLogType.UpstreamPeriodic);
        _timer.Arm(_config.UpstreamLogTimes.IntervalMs);
    }

    private void WriteInterim(AccessLogType type)
    {
        _info.EndUs = _loop.NowUs;
        Write(type);
        _info.EndUs = 0;
    }

    private void Write(AccessLogType type)
    {
        var context = new FormatContext(_info, _request ?? _stream!.RequestHeaders, _response) { LogType = type };
        foreach (var logger in _config.UpstreamLogs)
            logger.Log(context);
    }
}
