using System.Buffers.Text;
using Weft.Base;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Runtime;
using Weft.Proxy.Stats;

namespace Weft.Proxy.HttpFilters.Router.Retries;

/// <summary>What came of asking for a retry.</summary>
internal enum RetryVerdict : byte
{
    /// <summary>The outcome is to be passed on: it calls for no retry.</summary>
    No,

    /// <summary>The retry is scheduled.</summary>
    Yes,

    /// <summary>The circuit breaker for retries is full.</summary>
    Overflow,

    /// <summary>All allowed retries were made.</summary>
    LimitExceeded,
}

/// <summary>
/// Decides, for one request, which outcomes are tried again, how often and after which delay. Holds a place in the circuit breaker from the
/// moment a retry is scheduled until its outcome is known. Pooled with its router; worker thread.
/// </summary>
internal sealed class RetryState
{
    private static readonly RuntimeFraction UseRetry = new("upstream.use_retry", 100, 100);

    private readonly EventLoop _loop;
    private readonly RandomSource _random;
    private readonly LoopTimer _timer;
    private readonly RetryConditions _conditions = new();
    private RetryPolicyConfig _policy = RetryPolicyConfig.None;
    private RetryBackOff _backOff;
    private RuntimeSnapshot _runtime = RuntimeSnapshot.Empty;
    private ClusterStats? _stats;
    private ResourceLimit? _limit;
    private ulong _left;
    private bool _holdsPlace;

    /// <param name="loop">The worker's.</param>
    /// <param name="random">The worker's.</param>
    /// <param name="retry">Makes the attempt, once the delay is over.</param>
    public RetryState(EventLoop loop, RandomSource random, Action retry)
    {
        _loop = loop;
        _random = random;
        _timer = new LoopTimer(loop, retry);
    }

    /// <summary>Something may still be tried again, so the request has to be kept.</summary>
    public bool IsEnabled => _conditions.Any;

    /// <summary>A retry waits for its time.</summary>
    public bool IsPending => _timer.IsArmed;

    /// <summary>Who counts retries besides the cluster.</summary>
    public RequestGroups Groups { get; set; }

    public TriedEndpoints Tried { get; } = new();

    /// <summary>The request or its route asks for retries.</summary>
    public static bool IsWanted(RetryPolicyConfig policy, HeaderMap request) =>
        policy.Conditions != RetryOn.None || request.Has(KnownHeader.XEnvoyRetryOn) || request.Has(KnownHeader.XEnvoyRetryGrpcOn);

    /// <summary>A request begins.</summary>
    public void Begin(RetryPolicyConfig policy, HeaderMap request, ClusterConfig cluster, int priority, RuntimeSnapshot runtime)
    {
        _policy = policy;
        _runtime = runtime;
        _stats = cluster.Stats;
        _limit = cluster.CircuitBreakers[priority].Retries;
        _conditions.Begin(policy, request);
        Tried.Begin(policy);
        _left = policy.Retries;
        var asked = request.Get(KnownHeader.XEnvoyMaxRetries);
        if (Utf8Parser.TryParse(asked, out ulong retries, out var used) && used == asked.Length)
            _left = Math.Max(_left, retries);
        var baseMs = Math.Max(policy.BaseIntervalMs ?? (long)Math.Min(runtime.GetInteger("upstream.base_retry_backoff_ms", 25), int.MaxValue), 1);
        _backOff = new RetryBackOff(baseMs, Math.Max(policy.MaxIntervalMs ?? baseMs * 10, baseMs));
    }

    /// <summary>The response's head has come.</summary>
    public RetryVerdict OnResponse(HeaderMap response)
    {
        if (_conditions.Match(response))
            return Schedule(AskedDelayMs(response));
        if (_holdsPlace)
        {
            _stats!.UpstreamRqRetrySuccess.Inc();
            Groups.RetrySuccess();
        }

        ReleasePlace();
        return RetryVerdict.No;
    }

    /// <summary>The response would be retried if it were the first word about its attempt.</summary>
    public bool WouldRetry(HeaderMap response) => _conditions.Match(response);

    /// <summary>The attempt failed.</summary>
    public RetryVerdict OnReset(ResetReason reason, bool requestStarted)
    {
        if (_conditions.Match(reason, requestStarted))
            return Schedule(null);
        ReleasePlace();
        return RetryVerdict.No;
    }

    /// <summary>The attempt takes longer than per_try_timeout, but goes on (hedging): a second one is made whatever the conditions say.</summary>
    public RetryVerdict OnSlowAttempt() => Schedule(null);

    /// <summary>Nothing more is tried.</summary>
    public void End()
    {
        _timer.Cancel();
        _conditions.Clear();
        ReleasePlace();
    }

    private RetryVerdict Schedule(long? delayMs)
    {
        ReleasePlace();
        if (_left == 0)
        {
            _stats!.UpstreamRqRetryLimitExceeded.Inc();
            Groups.RetryLimitExceeded();
            return RetryVerdict.LimitExceeded;
        }

        _left--;
        if (!_limit!.TryAcquire())
        {
            _stats!.UpstreamRqRetryOverflow.Inc();
            Groups.RetryOverflow();
            return RetryVerdict.Overflow;
        }

        _holdsPlace = true;
        if (!_runtime.IsEnabled(UseRetry, _random.Next()))
        {
            ReleasePlace();
            return RetryVerdict.No;
        }

        _stats!.UpstreamRqRetry.Inc();
        Groups.Retry();
        (delayMs is null ? _stats.UpstreamRqRetryBackoffExponential : _stats.UpstreamRqRetryBackoffRatelimited).Inc();
        _timer.Arm(delayMs ?? _backOff.NextMs(_random));
        return RetryVerdict.Yes;
    }

    /// <summary>What the response itself says about when to come back; null when it does not, or asks too much.</summary>
    private long? AskedDelayMs(HeaderMap response)
    {
        foreach (var header in _policy.ResetHeaders)
        {
            if (header.IntervalMs(response, _loop.UtcNow) is { } intervalMs && intervalMs <= _policy.ResetMaxIntervalMs)
                return intervalMs > 1 ? RetryBackOff.AfterMs(intervalMs, _random) : null;
        }

        return null;
    }

    private void ReleasePlace()
    {
        if (!_holdsPlace)
            return;
        _holdsPlace = false;
        _limit!.Release();
    }
}
