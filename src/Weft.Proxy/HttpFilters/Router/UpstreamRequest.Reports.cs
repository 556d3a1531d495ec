using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Tracing;

namespace Weft.Proxy.HttpFilters.Router;

/// <content>What is told of an attempt: in the request's own information, to traces, logs and statistics.</content>
internal sealed partial class UpstreamRequest
{
    private AttemptTrace? _trace;
    private AttemptLog? _log;
    private ClusterConfig? _cluster;
    private long _startUs;
    private long _receivedBytes;

    private void Describe(UpstreamStream stream)
    {
        var info = Downstream.Info;
        info.UpstreamEndpoint = Endpoint;
        (info.UpstreamLocalAddress, info.UpstreamRemoteAddress) = (stream.LocalAddress, stream.RemoteAddress);
        info.UpstreamConnectionId = stream.ConnectionId;
        info.UpstreamTls = stream.Tls;
        info.UpstreamProtocol = stream.Protocol;
        (info.UpstreamConnectUs, info.UpstreamConnectedUs, info.UpstreamSecuredUs) = stream.Moments;
    }

    /// <summary>Whoever tells of attempts begins here: tracing, upstream_log, statistics.</summary>
    private void BeginReports(ClusterConfig cluster)
    {
        _cluster = cluster;
        _startUs = _worker.Loop.NowUs;
        _receivedBytes = 0;
        Downstream.Info.UpstreamBegunUs = _startUs;
        Downstream.Info.UpstreamReadyUs = Downstream.Info.UpstreamHeaderBytesSent = Downstream.Info.UpstreamHeaderBytesReceived = 0;
        if (Downstream.Trace is { } trace)
            (_trace ??= new AttemptTrace()).Begin(Downstream, trace, cluster, Endpoint, _router.Config.StartsChildSpans);
        if (_router.Config.UpstreamLogs.Length > 0)
            (_log ??= new AttemptLog(_router.Config, _worker.Loop)).Begin(Downstream, Endpoint!, cluster);
    }

    /// <summary>And ends here; a second call does nothing.</summary>
    private void EndReports(ResetReason? failure, bool isCanceled = false)
    {
        if (_cluster is not { } cluster)
            return;
        _cluster = null;
        var response = _anyResponseHead ? _responseHeaders : null;
        Downstream.Info.UpstreamBodyBytesReceived = _receivedBytes;
        Downstream.Info.UpstreamHeaderBytesReceived = response?.ByteSize ?? 0;
        _trace?.End(Downstream, Endpoint, response, failure, isCanceled);
        _log?.End(Downstream.Info.BytesReceived, _receivedBytes, failure);
        if (cluster.AttemptStats is not { } stats)
            return;
        stats.RecordPerTryBudget((_worker.Loop.NowUs - _startUs) / 1000, _router.Timeouts.PerTryMs);
        stats.RecordRequest(Downstream.RequestHeaders, Downstream.Info.BytesReceived);
        if (response is not null)
            stats.RecordResponse(response, _receivedBytes);
    }
}
