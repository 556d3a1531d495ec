using Weft.Http;
using Weft.Proxy.HttpFilters.Composite;
using Weft.Proxy.Matching;

namespace Weft.Proxy.HttpFilters.MatchDelegate;

/// <summary>
/// Hands everything to a filter until its matcher says that the request passes it by: with the request's head, or, where that is not enough, with its
/// trailers or the response. A composite filter hears which filter the matcher has chosen. Pooled; worker thread; no allocation.
/// </summary>
internal sealed class MatchDelegateFilter(MatchDelegateFilterFactory factory, HttpFilter inner) : HttpFilter
{
    private HeaderMap? _requestTrailers;
    private bool _isDecided;
    private bool _isPassedBy;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
        => Passes() ? FilterStatus.Continue : inner.OnRequestHeaders(headers, endStream);

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _isPassedBy ? FilterStatus.Continue : inner.OnRequestData(ref chunk);

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
    {
        _requestTrailers = trailers;
        var status = Passes() ? FilterStatus.Continue : inner.OnRequestTrailers(trailers);
        _requestTrailers = null; // Only borrowed.
        return status;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
        => Passes(headers) ? FilterStatus.Continue : inner.OnResponseHeaders(headers, endStream);

    public override FilterStatus OnResponseData(ref BodyChunk chunk) => _isPassedBy ? FilterStatus.Continue : inner.OnResponseData(ref chunk);

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
        => Passes(Stream.ResponseHeaders, trailers) ? FilterStatus.Continue : inner.OnResponseTrailers(trailers);

    public override void OnReset()
    {
        // Before its first request the filter does not know its stream.
        if (inner.Stream is not null) inner.OnReset();
        _isDecided = _isPassedBy = false;
    }

    private bool Passes(HeaderMap? response = null, HeaderMap? responseTrailers = null)
    {
        if (_isDecided) return _isPassedBy;
        inner.Stream = Stream;
        inner.Index = Index;
        inner.IsInner = true;
        var matcher = Stream.RouteConfig(this) is MatchDelegateRouteConfig ofRoute ? ofRoute.Matcher : factory.Matcher;
        if (matcher is null)
        {
            _isDecided = _isPassedBy = true;
            return true;
        }

        var data = new MatchData(Stream.Info, factory.Runtime.Current)
        {
            RequestHeaders = Stream.RequestHeaders,
            RequestTrailers = _requestTrailers,
            ResponseHeaders = response,
            ResponseTrailers = responseTrailers,
        };
        var outcome = matcher.Find(data, out var action);
        _isDecided = outcome != MatchOutcome.Undecided;
        _isPassedBy = action is SkipAction;
        if (action is ExecuteAction execute && inner is CompositeFilter composite) composite.Execute(execute, factory.Name);
        return _isPassedBy;
    }
}
