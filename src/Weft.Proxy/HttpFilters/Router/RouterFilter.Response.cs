using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters.Router.Retries;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.Router;

/// <content>What comes of attempts: a response that is passed on, another attempt, or an answer of the router's own.</content>
internal sealed partial class RouterFilter
{
    private static readonly HeaderName s_dropOverload = new("x-envoy-drop-overload");
    private static readonly HeaderName s_unconditionalDropOverload = new("x-envoy-unconditional-drop-overload");

    private bool _responseStarted;
    private bool _isRetry;
    private bool _anySent;

    private bool IsResponseComplete { get; set; }

    /// <summary>A 1xx response: once something was passed on there is no other attempt.</summary>
    internal void OnUpstreamInformational(UpstreamRequest attempt, HeaderMap headers)
    {
        Settle(attempt);
        Stream.EncodeInformational(headers);
    }

    /// <summary>The head of an attempt's response.</summary>
    internal void OnUpstreamHeaders(UpstreamRequest attempt, HeaderMap headers, bool endStream)
    {
        var status = headers.Status;
        EndpointReports.Answered(attempt.Endpoint!, Stream.RequestHeaders, headers);
        if ((MayRetry && IsDiscarded(attempt, headers, status)) || FollowRedirect(attempt, headers, status))
            return;
        Settle(attempt);
        Stream.Info.ResponseCodeDetails = "via_upstream";
        Charge(attempt, status, headers);
        if (!_config.SuppressEnvoyHeaders && IsRequestComplete)
            headers.Set(KnownHeader.XEnvoyUpstreamServiceTime, (_worker.Loop.NowUs - _requestCompleteUs) / 1000);
        _balancing.WriteCookies(headers);
        var route = Stream.Route!;
        if (!route.ResponseHeaders.IsEmpty)
            route.ResponseHeaders.Apply(headers, new FormatContext(Stream.Info, Stream.RequestHeaders, headers));
        AddAttemptCount(headers);
        if (endStream)
            OnUpstreamComplete();
        else if (Stream.IsTunnel && TunnelAnswer.IsAgreement(Stream.RequestHeaders, status))
            _timeout.Cancel();
        Stream.EncodeHeaders(headers, endStream);
    }

    internal void OnUpstreamData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (endStream)
            OnUpstreamComplete();
        Stream.EncodeData(data, endStream);
    }

    internal void OnUpstreamTrailers(HeaderMap trailers)
    {
        OnUpstreamComplete();
        Stream.EncodeTrailers(trailers);
    }

    /// <summary>The attempt has failed.</summary>
    /// <param name="attempt">It is over already.</param>
    /// <param name="reason">What happened.</param>
    /// <param name="transportFailure">What the system says.</param>
    /// <param name="sameEndpointMayWork">A kept connection turned out dead and the request may be sent again (RFC 9112 section 9.3.1).</param>
    internal void OnUpstreamReset(UpstreamRequest attempt, ResetReason reason, string? transportFailure, bool sameEndpointMayWork)
    {
        if (sameEndpointMayWork && (_headersOnly || Body.IsKept) && !_responseStarted)
        {
            attempt.Repeat(_cluster!, _forward!.Priority);
            return;
        }

        Stream.Info.UpstreamTransportFailureReason = transportFailure;
        EndpointReports.Failed(attempt.Endpoint, reason);
        OnAttemptEnds(attempt, AttemptOutcome.Failure);
        if (TryAgain(attempt, reason))
            return;
        var status = UpstreamFailure.StatusOf(reason);
        ChargeFailure(status);
        if (AnyAwaitsHeaders || IsRetryPending)
            return;
        Answer(
            status,
            UpstreamFailure.BodyOf(reason, transportFailure, _isRetry),
            UpstreamFailure.DetailsOf(reason, transportFailure, _responseStarted),
            UpstreamFailure.FlagsOf(reason),
            isOverloaded: reason == ResetReason.Overflow);
    }

    /// <summary>An upstream filter has answered instead of the upstream: that is final, whatever other attempts would bring.</summary>
    internal void OnFilterReply(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags)
    {
        EndAttempts();
        Stream.SendLocalReply(status, body, details, flags);
    }

    /// <summary>An upstream filter ends the stream without an answer.</summary>
    internal void OnFilterAbort(string details, ResponseFlags flags)
    {
        EndAttempts();
        Stream.ResetStream(details, flags);
    }

    /// <summary>per_try_timeout or per_try_idle_timeout.</summary>
    internal void OnPerTryTimeout(UpstreamRequest attempt, bool isIdle)
    {
        EndpointReports.TimedOut(attempt.Endpoint, _timeouts.Status);
        if (_timeouts.Hedges)
        {
            if (!_responseStarted && MayRetry && !attempt.WasRetried)
                attempt.WasRetried = IsRetried(_retry!.OnSlowAttempt(), isTimeout: true);
            return;
        }

        (isIdle ? ClusterStats.UpstreamRqPerTryIdleTimeout : ClusterStats.UpstreamRqPerTryTimeout).Inc();
        attempt.Cancel();
        OnAttemptEnds(attempt, AttemptOutcome.Timeout);
        if (TryAgain(attempt, ResetReason.LocalReset, isTimeout: true))
            return;
        ChargeFailure(_timeouts.Status);
        AnswerTimeout(isIdle ? "upstream_per_try_idle_timeout" : "upstream_per_try_timeout");
    }

    /// <summary>max_stream_duration of the cluster, or x-envoy-upstream-stream-duration-ms.</summary>
    internal void OnStreamDurationReached(UpstreamRequest attempt)
    {
        ClusterStats.UpstreamRqMaxDurationReached.Inc();
        attempt.Cancel();
        if (TryAgain(attempt, ResetReason.LocalReset))
            return;
        Answer(
            IsRequestComplete ? 504 : 408,
            "upstream max stream duration reached"u8,
            "upstream_max_stream_duration_reached",
            ResponseFlags.UpstreamMaxStreamDurationReached);
    }

    /// <summary>The route's timeout, for all attempts together.</summary>
    private void OnTimeout()
    {
        foreach (var attempt in _attempts)
        {
            if (!attempt.IsActive)
                continue;
            ClusterStats.UpstreamRqTimeout.Inc();
            _groups.Timeout();
            if (attempt.AwaitsHeaders && !attempt.WasRetried)
                EndpointReports.TimedOut(attempt.Endpoint, _timeouts.Status);
            OnAttemptEnds(attempt, AttemptOutcome.Timeout);
            attempt.Cancel();
            if (!_responseStarted)
                ChargeFailure(_timeouts.Status);
        }

        _cluster!.Config.AttemptStats?.RecordBudget(ElapsedMs, _timeouts.GlobalMs);
        AnswerTimeout("response_timeout");
    }

    /// <summary>The response is not passed on: because there will be another attempt, or another one is still running.</summary>
    private bool IsDiscarded(UpstreamRequest attempt, HeaderMap headers, int status)
    {
        var verdict = RetryVerdict.No;
        var wasUnwanted = attempt.WasRetried && _retry!.WouldRetry(headers);
        if (!attempt.WasRetried)
            verdict = _retry!.OnResponse(headers);
        var isRetried = IsRetried(verdict);
        wasUnwanted |= verdict is RetryVerdict.Overflow or RetryVerdict.LimitExceeded;
        if (!isRetried && !(wasUnwanted && (AnyAwaitsHeaders || IsRetryPending)))
            return false;
        OnAttemptEnds(attempt, AttemptOutcome.Failure);
        if (isRetried)
            ClusterStats.ChargeRetry(status);
        attempt.Cancel();
        return true;
    }

    /// <summary>This attempt's response is the one that the client gets.</summary>
    private void Settle(UpstreamRequest attempt)
    {
        if (_responseStarted)
            return;
        _responseStarted = true;
        _retry?.End();
        Body.StopKeeping(isSent: !attempt.IsWaiting);
        CancelOthers(attempt);
        _current = attempt;
    }

    private void OnUpstreamComplete()
    {
        _timeout.Cancel();
        IsResponseComplete = true;
        Stream.Info.LastUpstreamRxByteUs = _worker.Loop.NowUs;
        _cluster!.Config.AttemptStats?.RecordBudget(ElapsedMs, _timeouts.GlobalMs);
    }

    private void AnswerTimeout(string details) =>
        Answer(_timeouts.Status, _timeouts.Status == 504 ? "upstream request timeout"u8 : [], details, ResponseFlags.UpstreamRequestTimeout);

    private void AnswerNoEndpoint()
    {
        ClusterStats.UpstreamCxNoneHealthy.Inc();
        ChargeStatus(503, 0, zone: null);
        Answer(503, "no healthy upstream"u8, "no_healthy_upstream", ResponseFlags.NoHealthyUpstream);
    }

    /// <summary>policy.drop_overloads: a share of the requests is refused before anybody is asked. True for this one.</summary>
    private bool DropSome(double share)
    {
        var isAll = share >= 1;
        if (!isAll && _worker.Random.NextDouble() >= share)
            return false;
        Stream.Info.UpstreamCluster = _cluster!.Config;
        ClusterStats.UpstreamRqDropOverload.Inc();
        ChargeStatus(503, 0, zone: null);
        if (!_config.SuppressEnvoyHeaders)
            Stream.LocalReplyHeaders.Set(isAll ? s_unconditionalDropOverload : s_dropOverload, "true"u8);
        if (isAll)
            Stream.SendLocalReply(503, "unconditional drop overload"u8, "unconditional_drop_overload", ResponseFlags.UnconditionalDropOverload);
        else
            Stream.SendLocalReply(503, "drop overload"u8, "drop_overload", ResponseFlags.DropOverload);
        return true;
    }

    /// <summary>The router's own last word; a response that has begun is cut off instead.</summary>
    private void Answer(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags, bool isOverloaded = false)
    {
        EndAttempts();
        var headers = Stream.LocalReplyHeaders;
        if (isOverloaded && !_config.SuppressEnvoyHeaders)
            headers.Set(KnownHeader.XEnvoyOverloaded, "true"u8);
        AddAttemptCount(headers);
        Stream.SendLocalReply(status, body, details, flags);
    }

    private void EndAttempts()
    {
        _timeout.Cancel();
        _retry?.End();
        CancelOthers(final: null);
    }

    private void AddAttemptCount(HeaderMap response)
    {
        if (Stream.Route!.VirtualHost.IncludeAttemptCountInResponse)
            response.Set(KnownHeader.XEnvoyAttemptCount, Stream.Info.AttemptCount);
    }

    private void Charge(UpstreamRequest attempt, int status, HeaderMap headers)
    {
        OnAttemptEnds(attempt, status >= 500 ? AttemptOutcome.Failure : AttemptOutcome.Success);
        var isCanary = headers.Get(KnownHeader.XEnvoyUpstreamCanary).SequenceEqual("true"u8);
        ChargeStatus(status, ElapsedMs, attempt.Endpoint?.ZoneCounts, isCanary);
    }

    private void ChargeFailure(int status)
    {
        if (_responseStarted)
        {
            _config.Stats.RqResetAfterDownstreamResponseStarted.Inc();
            return;
        }

        ChargeStatus(status, ElapsedMs, Stream.Info.UpstreamEndpoint?.ZoneCounts);
    }

    /// <summary>Counts by status, wherever that is done.</summary>
    private void ChargeStatus(int status, long elapsedMs, ResponseCounts? zone, bool isCanary = false)
    {
        if (!_config.CountsStatuses)
            return;
        var countsCodes = !_config.SuppressGrpcCodes || !GrpcRequest.Is(Stream.RequestHeaders);
        ClusterStats.ChargeResponse(status, elapsedMs, IsInternal, isCanary, countsCodes);
        _alternate?.Charge(status, elapsedMs, IsInternal, isCanary, countsCodes);
        zone?.Charge(status, elapsedMs);
        _groups.Charge(status, elapsedMs);
    }
}
