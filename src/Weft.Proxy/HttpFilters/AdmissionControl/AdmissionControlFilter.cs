using Weft.Http;
using Weft.Proxy.Routing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.AdmissionControl;

/// <summary>
/// Refuses a share of the requests while the upstream fails more than it should: the more failures, the larger the share, so that what cannot be
/// served costs nobody anything. Pooled; worker thread.
/// </summary>
internal sealed class AdmissionControlFilter(AdmissionControlFilterFactory config, RequestHistory history, Worker worker) : HttpFilter
{
    /// <summary>The share is drawn in ten-thousandths, as Envoy's.</summary>
    private const ulong Accuracy = 10_000;

    private bool _isRecorded;
    private bool _awaitsGrpcStatus;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (!config.IsEnabled || Stream.Info.IsHealthCheck)
            return FilterStatus.Continue;
        _isRecorded = true;
        history.Refresh();
        if (history.AverageRps < config.RpsThreshold || !IsRefused())
            return FilterStatus.Continue;
        // What is refused says nothing about the upstream, and must not keep it from being found well again.
        _isRecorded = false;
        config.Rejected.Inc();
        Stream.SendLocalReply(503, [], "denied_by_admission_control");
        return FilterStatus.Ended;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (!_isRecorded)
            return FilterStatus.Continue;
        if (!IsGrpc(headers, endStream))
            Record(config.Criteria.IsHttpSuccess(headers.Status));
        else if (headers.Has(KnownHeader.GrpcStatus))
            Record(config.Criteria.IsGrpcSuccess(headers.Get(KnownHeader.GrpcStatus)));
        else
            _awaitsGrpcStatus = true;
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
    {
        if (_awaitsGrpcStatus)
            Record(config.Criteria.IsGrpcSuccess(trailers.Get(KnownHeader.GrpcStatus)));
        return FilterStatus.Continue;
    }

    public override void OnReset() => _isRecorded = _awaitsGrpcStatus = false;

    private static bool IsGrpc(HeaderMap headers, bool endStream) =>
        endStream ? headers.Has(KnownHeader.GrpcStatus) : headers.Status == 200 && GrpcRequest.Is(headers);

    private void Record(bool isSuccess)
    {
        _isRecorded = _awaitsGrpcStatus = false;
        (isSuccess ? config.Succeeded : config.Failed).Inc();
        history.Record(isSuccess);
    }

    private bool IsRefused()
    {
        var share = (history.Requests - history.Successes / config.SuccessRateThreshold) / (history.Requests + 1);
        if (share <= 0)
            return false;
        if (config.Aggression is not 1.0 and var aggression)
            share = Math.Pow(share, 1 / aggression);
        return Math.Min(share, config.MaxRejectionProbability) * Accuracy > worker.Random.Next() % Accuracy;
    }
}
