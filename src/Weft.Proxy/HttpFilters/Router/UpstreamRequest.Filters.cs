using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.HttpFilters.Upstream;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing;

namespace Weft.Proxy.HttpFilters.Router;

/// <content>The filters of the cluster, or of the router where the cluster has none: the attempt goes through them before it needs a connection.</content>
internal sealed partial class UpstreamRequest : IFilteredAttempt
{
    private FilteredUpstream? _filtered;
    private WorkerCluster? _asked;
    private int _priority;

    StreamInfo IFilteredAttempt.Info => Downstream.Info;

    HttpTrace? IFilteredAttempt.Trace => Downstream.Trace;

    Route? IFilteredAttempt.Route => Downstream.Route;

    DynamicMetadata IFilteredAttempt.ConnectionMetadata => Downstream.ConnectionMetadata;

    HeaderMap IFilteredAttempt.LocalReplyHeaders => Downstream.LocalReplyHeaders;

    int IFilteredAttempt.BufferLimitBytes => Downstream.BufferLimitBytes;

    bool IFilteredAttempt.IsTunnel => Downstream.IsTunnel;

    bool IFilteredAttempt.IsResponseBackedUp => Downstream.IsResponseBackedUp;

    void IFilteredAttempt.AskPool(PendingRequest request, HeaderMap head) => NewStream(_asked!, _priority, request, head);

    void IFilteredAttempt.OnConnected(UpstreamStream stream, HeaderMap head) => NoteConnection(stream, head);

    void IFilteredAttempt.OnHeadSent(UpstreamStream stream)
    {
        _log?.OnConnection(stream, _filtered!.Head);
        _router.SendKeptMetadata(stream);
        BeginWaiting(stream);
    }

    void IFilteredAttempt.OnRequestSent() => NoteSent(endStream: true);

    void IFilteredAttempt.OnLocalReply(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags) =>
        _router.OnFilterReply(status, body, details, flags);

    void IFilteredAttempt.OnAborted(string details, ResponseFlags flags) => _router.OnFilterAbort(details, flags);

    /// <summary>Asks for a connection, through the filters if there are any.</summary>
    private void Ask(WorkerCluster cluster, int priority)
    {
        if ((cluster.Config.UpstreamFilters ?? _router.Config.UpstreamFilters) is { } chain)
            PassFilters(chain, cluster, priority);
        else
            NewStream(cluster, priority, _pending, Downstream.RequestHeaders);
    }

    private void NewStream(WorkerCluster cluster, int priority, PendingRequest request, HeaderMap headers) =>
        cluster.NewStream(Endpoint!, priority, request, Downstream.Info.Protocol, Downstream.Info.ConnectionId, headers, Downstream.Info);

    private void PassFilters(UpstreamFilterChain chain, WorkerCluster cluster, int priority)
    {
        if (_filtered?.Chain != chain)
            _filtered = new FilteredUpstream(chain, this, _worker);
        (_asked, _priority) = (cluster, priority);
        _awaitsTunnel = Downstream.IsTunnel;
        _stream = _filtered;
        _filtered.Begin();
        _filtered.EncodeHeaders(Downstream.RequestHeaders, _headersOnly, Downstream.IsTunnel);
        if (IsActive && !_headersOnly && !_awaitsTunnel)
            _router.Body.SendTo(_filtered, this);
    }
}
