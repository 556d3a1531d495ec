using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.HttpFilters.Router.Retries;

/// <summary>A RetryPolicy as configured on a route or its virtual host. Immutable; any thread.</summary>
internal sealed class RetryPolicyConfig
{
    /// <summary>No policy: only what a request's own headers ask for.</summary>
    public static readonly RetryPolicyConfig None = new();

    public RetryOn Conditions { get; init; }

    /// <summary>num_retries; default 1.</summary>
    public uint Retries { get; init; } = 1;

    /// <summary>per_try_timeout; 0: none.</summary>
    public long PerTryTimeoutMs { get; init; }

    /// <summary>per_try_idle_timeout; 0: none.</summary>
    public long PerTryIdleTimeoutMs { get; init; }

    public int[] RetriableStatusCodes { get; init; } = [];

    /// <summary>retriable_headers: one of them in the response is enough.</summary>
    public HeaderMatcher[] RetriableHeaders { get; init; } = [];

    /// <summary>retriable_request_headers: unless one of them is in the request, nothing is tried again.</summary>
    public HeaderMatcher[] RetriableRequestHeaders { get; init; } = [];

    /// <summary>retry_back_off.base_interval; null: runtime key <c>upstream.base_retry_backoff_ms</c>, default 25.</summary>
    public long? BaseIntervalMs { get; init; }

    /// <summary>retry_back_off.max_interval; null: ten times the base interval.</summary>
    public long? MaxIntervalMs { get; init; }

    /// <summary>rate_limited_retry_back_off.reset_headers, in the order in which they are asked.</summary>
    public ResetHeader[] ResetHeaders { get; init; } = [];

    /// <summary>rate_limited_retry_back_off.max_interval: what a response asks beyond it is passed over; default 300,000.</summary>
    public long ResetMaxIntervalMs { get; init; } = 300_000;

    /// <summary>retry_host_predicate: which endpoints a retry passes over.</summary>
    public RetryHostPredicate[] HostPredicates { get; init; } = [];

    /// <summary>retry_priority previous_priorities: after how many attempts each time the tried priorities are left out; 0: never.</summary>
    public int PriorityUpdateFrequency { get; init; }

    /// <summary>host_selection_retry_max_attempts; default 1.</summary>
    public int HostSelectionAttempts { get; init; } = 1;
}
