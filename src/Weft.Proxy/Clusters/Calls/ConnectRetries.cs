using Envoy.Config.Core.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.HttpFilters.Router.Retries;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>How often the proxy's own calls are begun again when no connection can be made (core.v3.RetryPolicy; what it retries on is only this). Immutable.</summary>
/// <param name="Count">num_retries; default 1.</param>
/// <param name="BaseMs">retry_back_off.base_interval; default 1,000.</param>
/// <param name="MaxMs">retry_back_off.max_interval; default ten times the base.</param>
internal sealed record ConnectRetries(uint Count, long BaseMs, long MaxMs)
{
    private const long DefaultBaseMs = 1_000;

    /// <summary>Null: nothing is retried.</summary>
    public static ConnectRetries? Create(RetryPolicy? policy)
    {
        if (policy is null)
            return null;
        var baseMs = (policy.RetryBackOff?.BaseInterval).ToMs(DefaultBaseMs);
        return new ConnectRetries(policy.NumRetries ?? 1, baseMs, (policy.RetryBackOff?.MaxInterval).ToMs(baseMs * 10));
    }

    /// <summary>How long to wait before the next attempt.</summary>
    public RetryBackOff NewBackOff() => new(BaseMs, MaxMs);

    /// <summary>Whether a call that failed so is begun again.</summary>
    /// <param name="reason">Of the failure.</param>
    /// <param name="made">Retries so far.</param>
    public bool Allow(ResetReason reason, uint made) =>
        made < Count && reason is (ResetReason.RemoteConnectionFailure or ResetReason.LocalConnectionFailure or ResetReason.ConnectionTimeout);
}
