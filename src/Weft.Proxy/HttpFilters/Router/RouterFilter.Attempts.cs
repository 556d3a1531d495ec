using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.HttpFilters.Router.Retries;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>How an attempt ended, as its endpoint is credited for it.</summary>
internal enum AttemptOutcome : byte { Success, Failure, Timeout }

/// <content>Making attempts: the first, retries, and hedged ones beside a slow one.</content>
internal sealed partial class RouterFilter
{
    /// <summary>All that were ever made for this pooled filter; more than one of them is active only with hedging.</summary>
    private readonly List<UpstreamRequest> _attempts;

    /// <summary>The latest one.</summary>
    private UpstreamRequest _current;
    private RetryState? _retry;
    private bool _timedOut;

    private bool MayRetry => _retry is { IsEnabled: true };

    private bool IsRetryPending => _retry is { IsPending: true };

    private bool AnyAwaitsHeaders
    {
        get
        {
            foreach (var attempt in _attempts)
            {
                if (attempt.AwaitsHeaders)
                    return true;
            }

            return false;
        }
    }

    private void BeginRetries(ForwardAction forward, HeaderMap headers)
    {
        var policy = forward.Policies.Retry;
        if (RetryState.IsWanted(policy, headers))
        {
            _retry ??= new RetryState(_worker.Loop, _worker.Random, Retry);
            _retry.Groups = _groups;
            _retry.Begin(policy, headers, _cluster!.Config, forward.Priority, _config.Runtime.Current);
        }

        headers.Remove(KnownHeader.XEnvoyRetryOn);
        headers.Remove(KnownHeader.XEnvoyRetryGrpcOn);
        headers.Remove(KnownHeader.XEnvoyMaxRetries);
        headers.Remove(KnownHeader.XEnvoyRetriableHeaderNames);
        headers.Remove(KnownHeader.XEnvoyRetriableStatusCodes);
    }

    /// <summary>False when it was answered here, because there is nobody to ask.</summary>
    private bool StartFirst()
    {
        var headers = Stream.RequestHeaders;
        Stream.Info.AttemptCount = 1;
        if (Pick(null) is not { } endpoint)
        {
            AnswerNoEndpoint();
            return false;
        }

        WriteAttemptCount();
        StartMirrors();
        if (_forward!.AutoHostRewrite && endpoint.Hostname.Length > 0)
            HostRewrite.ToEndpoint(headers, endpoint, _forward, keepOriginal: !_config.SuppressEnvoyHeaders);
        Start(endpoint);
        return true;
    }

    /// <summary>The time for a retry has come.</summary>
    private void Retry()
    {
        var headers = Stream.RequestHeaders;
        Stream.Info.AttemptCount++;
        _isRetry = true;

        // The cluster may have been removed or replaced since.
        _cluster = _worker.Clusters.Find(_reference!) ?? _cluster;
        if (Pick(_retry!.Tried) is not { } endpoint)
        {
            if (!AnyAwaitsHeaders)
                AnswerNoEndpoint();
            return;
        }

        if (_forward!.AutoHostRewrite && endpoint.Hostname.Length > 0)
            HostRewrite.ToAnotherEndpoint(headers, endpoint);
        if (Stream.Route!.VirtualHost.IncludeIsTimeoutRetryHeader)
            headers.Set(KnownHeader.XEnvoyIsTimeoutRetry, _timedOut ? "true"u8 : "false"u8);
        _timeouts.WriteExpected(headers, IsRequestComplete ? ElapsedMs : 0, _config);
        WriteAttemptCount();
        TakeFreeAttempt();
        Start(endpoint);
    }

    private Endpoint? Pick(RetrySelection? retry) =>
        _cluster!.Pick(_balancing.ContextFor(_cluster.Config, _forward!, Stream.Info, Stream.RequestHeaders, retry));

    private void Start(Endpoint endpoint)
    {
        OnAttemptStarts(endpoint);
        _groups.Start();
        _current.Start(_cluster!, endpoint, _forward!.Priority, _headersOnly);
    }

    private void WriteAttemptCount()
    {
        if (Stream.Route!.VirtualHost.IncludeRequestAttemptCount)
            Stream.RequestHeaders.Set(KnownHeader.XEnvoyAttemptCount, Stream.Info.AttemptCount);
    }

    private void TakeFreeAttempt()
    {
        foreach (var attempt in _attempts)
        {
            if (attempt.IsActive)
                continue;
            _current = attempt;
            return;
        }

        _current = new UpstreamRequest(this, _worker);
        _attempts.Add(_current);
    }

    /// <summary>An endpoint is about to be asked. Who watches attempts begins here.</summary>
    private void OnAttemptStarts(Endpoint endpoint)
    {
        Stream.Info.UpstreamEndpoint = endpoint;
        Stream.Info.UpstreamLocalAddress = Stream.Info.UpstreamRemoteAddress = default;
        if (MayRetry)
            _retry!.Tried.Add(endpoint);
    }

    /// <summary>What came of asking an endpoint is known. Who watches attempts ends here.</summary>
    private static void OnAttemptEnds(UpstreamRequest attempt, AttemptOutcome outcome)
    {
        if (attempt.Endpoint is not { Stats: var stats })
            return;
        if (outcome == AttemptOutcome.Success)
            stats.RqSuccess.Inc();
        else
            stats.RqError.Inc();
        if (outcome == AttemptOutcome.Timeout)
            stats.RqTimeout.Inc();
    }

    /// <summary>Acts on a verdict: true when there will be another attempt.</summary>
    private bool IsRetried(RetryVerdict verdict, bool isTimeout = false)
    {
        _timedOut = isTimeout;
        switch (verdict)
        {
            case RetryVerdict.Yes:
                return true;
            case RetryVerdict.Overflow:
                Stream.Info.ResponseFlags |= ResponseFlags.UpstreamOverflow;
                return false;
            case RetryVerdict.LimitExceeded:
                Stream.Info.ResponseFlags |= ResponseFlags.UpstreamRetryLimitExceeded;
                return false;
            default:
                return false;
        }
    }

    /// <summary>Tries again after a reset, if the policy says so and nothing was passed on yet.</summary>
    private bool TryAgain(UpstreamRequest attempt, Clusters.ConnectionPools.ResetReason reason, bool isTimeout = false)
    {
        _anySent |= attempt.HasSent;
        return !_responseStarted && MayRetry && !attempt.WasRetried && IsRetried(_retry!.OnReset(reason, _anySent), isTimeout);
    }

    private void CancelOthers(UpstreamRequest? final)
    {
        foreach (var attempt in _attempts)
        {
            if (attempt.IsActive && !ReferenceEquals(attempt, final))
                attempt.Cancel();
        }
    }

    private void ResetAttempts()
    {
        _retry?.End();
        foreach (var attempt in _attempts)
            attempt.Reset();
        _timedOut = _isRetry = _anySent = _responseStarted = IsResponseComplete = false;
    }
}
