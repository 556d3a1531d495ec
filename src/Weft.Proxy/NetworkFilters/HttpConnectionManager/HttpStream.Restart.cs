using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <content>A request that begins anew at another URL, without the client noticing (internal redirects).</content>
internal sealed partial class HttpStream
{
    private ByteQueue? _restartBody;

    public Route? MatchAgain() => Config.RequestRules.NormalizePath(RequestHeaders).IsContinue
        ? Config.RouteSource.For(RequestHeaders)?.Match(new RouteRequest(RequestHeaders, Info, Config.Runtime.Current))
        : null;

    public void Restart(ByteQueue body, HeaderMap? trailers)
    {
        // What is handed over belongs to a filter that is about to forget everything.
        _restartBody ??= new ByteQueue(Worker.Loop.Buffers);
        _restartBody.Clear();
        body.MoveTo(_restartBody);
        foreach (var filter in _filters.All)
            filter.OnReset();
        _filters.Request.Reset();
        ForgetResponse();
        LocalReplyHeaders.Clear();
        ClearRouteCache();
        if (_skippingChanged)
            RestoreSkipping();
        _timers.OnRoute(Route);
        if (Route?.Filters is { ChangesSkipping: true } routeFilters)
            ChangeSkipping(routeFilters);
        _filters.Request.Head(RequestHeaders, _restartBody.IsEmpty && trailers is null);
        PassRestartBody(_restartBody, hasTrailers: trailers is not null);
        if (trailers is not null && !IsOver(isRequest: true))
            _filters.Request.Trailers(trailers);
        _restartBody.Clear();
    }

    /// <summary>A response may have begun to pass the filters, one of which wants another.</summary>
    private void ForgetResponse()
    {
        _replies++;
        _localReply = false;
        ResponseHeaders = _responseTrailers = null;
        _filters.Response.Reset();
        (Info.ResponseCode, Info.ResponseCodeDetails, Info.ResponseFlags) = (0, null, ResponseFlags.None);
    }

    private void PassRestartBody(ByteQueue body, bool hasTrailers)
    {
        while (!body.IsEmpty && !IsOver(isRequest: true))
        {
            var piece = CopyToScratch(body.First);
            body.Drain(piece.Length);
            _filters.Request.Data(piece, endStream: body.IsEmpty && !hasTrailers);
        }
    }
}
