using Weft.Http;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.BandwidthLimit;

/// <summary>Lets bodies pass at the rate that all streams of a configuration have together, each way or both. Pooled; worker thread.</summary>
internal sealed class BandwidthLimitFilter(BandwidthLimitConfig config, Worker worker) : HttpFilter
{
    /// <summary>Made for the first body that is limited.</summary>
    private BandwidthDirection? _request;
    private BandwidthDirection? _response;

    private BandwidthLimitConfig Config => Stream.RouteConfig(this) as BandwidthLimitConfig ?? config;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var its = Config;
        if (its.LimitsRequests)
            (_request ??= new BandwidthDirection(this, worker, isRequest: true)).Begin(its, other: null);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (_request is { IsOn: true } request)
            request.Take(ref chunk);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) =>
        _request is { IsOn: true } request && request.HoldTrailers(trailers) ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        var its = Config;
        if (its.LimitsResponses)
            (_response ??= new BandwidthDirection(this, worker, isRequest: false)).Begin(its, _request);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (_response is { IsOn: true } response)
            response.Take(ref chunk);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers) =>
        _response is { IsOn: true } response && response.HoldTrailers(trailers) ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override void OnReset()
    {
        _request?.Reset();
        _response?.Reset();
    }
}
