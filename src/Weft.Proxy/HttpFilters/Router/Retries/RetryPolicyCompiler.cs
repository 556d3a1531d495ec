using System.Text;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Retry.Host.OmitCanaryHosts.V3;
using Envoy.Extensions.Retry.Host.OmitHostMetadata.V3;
using Envoy.Extensions.Retry.Host.PreviousHosts.V3;
using Envoy.Extensions.Retry.Priority.PreviousPriorities.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using HeaderMatcher = Weft.Proxy.Routing.Matching.HeaderMatcher;

namespace Weft.Proxy.HttpFilters.Router.Retries;

/// <summary>RetryPolicy to <see cref="RetryPolicyConfig"/>. Main thread.</summary>
internal static class RetryPolicyCompiler
{
    private const long DefaultResetMaxIntervalMs = 300_000;

    public static RetryPolicyConfig Compile(RetryPolicy policy, ConfigContext context)
    {
        var backOff = policy.RetryBackOff;
        if (backOff?.MaxInterval is { } max && max.ToMs() < backOff.BaseInterval?.ToMs())
            context.Error(backOff, "max_interval", "retry_policy.max_interval must greater than or equal to the base_interval");
        return new RetryPolicyConfig
        {
            Conditions = ParseConditions(policy.RetryOn, policy, context),
            Retries = policy.NumRetries ?? 1,
            PerTryTimeoutMs = policy.PerTryTimeout.ToMs(0),
            PerTryIdleTimeoutMs = policy.PerTryIdleTimeout.ToMs(0),
            RetriableStatusCodes = [.. policy.RetriableStatusCodes.Select(static code => (int)code)],
            RetriableHeaders = HeaderMatcher.Create(policy.RetriableHeaders, context),
            RetriableRequestHeaders = HeaderMatcher.Create(policy.RetriableRequestHeaders, context),
            BaseIntervalMs = backOff?.BaseInterval?.ToMs(),
            MaxIntervalMs = backOff?.MaxInterval?.ToMs(),
            ResetHeaders = [.. (policy.RateLimitedRetryBackOff?.ResetHeaders ?? []).Select(static header =>
                new ResetHeader(header.Name, header.Format == RetryPolicy.Types.ResetHeaderFormat.UnixTimestamp))],
            ResetMaxIntervalMs = (policy.RateLimitedRetryBackOff?.MaxInterval).ToMs(DefaultResetMaxIntervalMs),
            HostPredicates = CompilePredicates(policy, context),
            PriorityUpdateFrequency = CompilePriority(policy, context),
            HostSelectionAttempts = policy.HostSelectionRetryMaxAttempts > 0 ? (int)Math.Min(policy.HostSelectionRetryMaxAttempts, 100) : 1,
        };
    }

    /// <param name="retryOn">Names, with commas between them.</param>
    /// <param name="at">Has them as retry_on.</param>
    public static RetryOn ParseConditions(string retryOn, IMessage at, ConfigContext context)
    {
        var conditions = RetryOn.None;
        foreach (var name in new CommaList(Encoding.UTF8.GetBytes(retryOn)))
        {
            var condition = RetryOnNames.Condition(name);
            if (condition == RetryOn.None)
                context.Warning(at, "retry_on", $"'{Encoding.UTF8.GetString(name)}' is no retry condition and has no effect");
            conditions |= condition;
        }

        return conditions;
    }

    // Like every extension these are told apart by their message; files that only name them are common.
    private static RetryHostPredicate[] CompilePredicates(RetryPolicy policy, ConfigContext context)
    {
        var predicates = new List<RetryHostPredicate>();
        foreach (var config in policy.RetryHostPredicate)
        {
            var message = context.Unpack(config.TypedConfig);
            RetryHostPredicate? predicate = message switch
            {
                PreviousHostsPredicate => new PreviousHosts(),
                OmitCanaryHostsPredicate => new OmitCanaryHosts(),
                OmitHostMetadataConfig omit => new OmitHostMetadata(omit.MetadataMatch),
                null when config.Name is "envoy.retry_host_predicates.previous_hosts" => new PreviousHosts(),
                null when config.Name is "envoy.retry_host_predicates.omit_canary_hosts" => new OmitCanaryHosts(),
                null when config.Name is "envoy.retry_host_predicates.omit_host_metadata" => new OmitHostMetadata(null),
                _ => null,
            };
            if (predicate is not null)
                predicates.Add(predicate);
            else
                context.Error(config, "name", $"Didn't find a registered implementation for '{config.Name}' with type URL: '{message?.Descriptor.FullName}'");
        }

        return [.. predicates];
    }

    private static int CompilePriority(RetryPolicy policy, ConfigContext context)
    {
        if (policy.RetryPriority is not { } priority)
            return 0;
        if (context.Unpack(priority.TypedConfig) is PreviousPrioritiesConfig previous)
            return previous.UpdateFrequency;
        context.Error(priority, "name", $"Didn't find a registered implementation for '{priority.Name}' with type URL: '{priority.TypedConfig?.TypeUrl}'");
        return 0;
    }
}
