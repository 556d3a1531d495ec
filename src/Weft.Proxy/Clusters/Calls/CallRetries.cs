using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Router.Retries;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>core.v3.RetryPolicy, of calls of the proxy's own, to <see cref="RetryPolicyConfig"/>. Main thread.</summary>
internal static class CallRetries
{
    /// <summary>What filters that ask by HTTP try again, whatever their retry_on says.</summary>
    private const RetryOn OfHttpCalls = RetryOn.ServerError | RetryOn.GatewayError | RetryOn.ConnectFailure | RetryOn.Reset;

    private const long DefaultBaseMs = 1_000;

    /// <summary>For a call by HTTP; null: there is one attempt.</summary>
    public static RetryPolicyConfig? OfHttp(RetryPolicy? policy, ConfigContext context) => policy is null ? null : Create(policy, OfHttpCalls, context);

    /// <summary>For a call by gRPC, on what its retry_on says; null: there is one attempt.</summary>
    public static RetryPolicyConfig? OfGrpc(RetryPolicy? policy, ConfigContext context) =>
        policy is null ? null : Create(policy, RetryPolicyCompiler.ParseConditions(policy.RetryOn, policy, context), context);

    /// <summary>An attempt takes at most the longest delay.</summary>
    private static RetryPolicyConfig Create(RetryPolicy policy, RetryOn conditions, ConfigContext context)
    {
        var backOff = policy.RetryBackOff;
        var baseMs = backOff?.BaseInterval.ToMs(DefaultBaseMs) ?? DefaultBaseMs;
        var maxMs = backOff?.MaxInterval.ToMs(10 * baseMs) ?? 10 * baseMs;
        if (maxMs < baseMs)
            context.Error(backOff!, "max_interval", "max_interval must be greater than or equal to the base_interval");
        return new RetryPolicyConfig
        {
            Conditions = conditions,
            Retries = policy.NumRetries ?? 1,
            PerTryTimeoutMs = maxMs,
            BaseIntervalMs = baseMs,
            MaxIntervalMs = maxMs,
        };
    }
}
