using Weft.Http;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.AdaptiveConcurrency;

/// <summary>Refuses requests beyond as many at once as the upstream manages without getting slower. Pooled; worker thread.</summary>
internal sealed class AdaptiveConcurrencyFilter(AdaptiveConcurrencyFilterFactory config, Worker worker) : HttpFilter
{
    private long _beganUs;
    private bool _isActive;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        // Health checks are quicker than requests and would be taken for them.
        if (!config.IsEnabled || Stream.Info.IsHealthCheck)
            return FilterStatus.Continue;
        _beganUs = worker.Loop.NowUs;
        if (config.Controller.TryBegin(_beganUs, worker.Random))
        {
            _isActive = true;
            return FilterStatus.Continue;
        }

        config.Blocked.Inc();
        Stream.SendLocalReply(config.RefusedStatus, "reached concurrency limit"u8, "reached_concurrency_limit");
        return FilterStatus.Ended;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream) => After(endStream);

    public override FilterStatus OnResponseData(ref BodyChunk chunk) => After(chunk.EndStream);

    public override FilterStatus OnResponseTrailers(HeaderMap trailers) => After(true);

    public override void OnReset()
    {
        if (_isActive)
            config.Controller.Cancel();
        _isActive = false;
    }

    private FilterStatus After(bool isEnd)
    {
        if (isEnd && _isActive)
        {
            _isActive = false;
            config.Controller.Complete(_beganUs, worker.Loop.NowUs, worker.Random);
        }

        return FilterStatus.Continue;
    }
}
