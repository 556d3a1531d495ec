using Envoy.Extensions.Common.Ratelimit.V3;
using Google.Protobuf;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Matching;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.RateLimits;
using Weft.Proxy.Runtime;
using LimitMessage = Envoy.Extensions.Filters.Http.LocalRatelimit.V3.LocalRateLimit;
using RateLimitDescriptor = Weft.Proxy.Routing.RateLimits.RateLimitDescriptor;
using TokenBucketMessage = Envoy.Type.V3.TokenBucket;

namespace Weft.Proxy.HttpFilters.LocalRateLimit;

/// <summary>A LocalRateLimit, of the filter or of a route, with its buckets. Immutable but for them; any thread.</summary>
internal sealed class LocalRateLimitConfig : FilterRouteConfig
{
    private const long MinFillIntervalMs = 50;
    private const uint DefaultStatus = 429;
    private const uint DefaultMaxDynamicDescriptors = 20;

    private LocalRateLimitConfig(LimitMessage config, FactoryContext context)
    {
        // Codes that are no refusal are not taken, as by Envoy.
        Status = (int)(config.Status is { } status && (uint)status.Code >= 400 ? (uint)status.Code : DefaultStatus);
        Bucket = BucketOf(config.TokenBucket, config, "local rate limit token bucket fill timer must be >= 50ms", context);
        (Descriptors, Wildcards) = DescriptorsOf(config, context);
        AlwaysTakesFromDefault = config.AlwaysConsumeDefaultTokenBucket ?? true;
        PerConnection = config.LocalRateLimitPerDownstreamConnection;
        SharedWith = SharedWithOf(config, context);
        Enabled = config.FilterEnabled is { } enabled ? RuntimeFraction.From(enabled) : null;
        Enforced = config.FilterEnforced is { } enforced ? RuntimeFraction.From(enforced) : null;
        Stage = config.Stage;
        TellsLimits = config.EnableXRatelimitHeaders == XRateLimitHeadersRFCVersion.DraftVersion03;
        VirtualHostLimits = config.VhRateLimits;
        Limits = RateLimitPolicy.OfFilter(config.RateLimits, context);
        AsResourceExhausted = config.RateLimitedAsResourceExhausted;
        RequestHeaders = HeaderMutations.Create(config.RequestHeadersToAddWhenNotEnforced, [], context.Config, config, "request_headers_to_add_when_not_enforced", "");
        ResponseHeaders = HeaderMutations.Create(config.ResponseHeadersToAdd, [], context.Config, config, "response_headers_to_add", "");
        Stats = new LocalRateLimitStats(context.Stats.Scope($"{config.StatPrefix}.http_local_rate_limit."));
        Shared = new LocalRateLimiter(this);
    }

    /// <summary>status; default 429.</summary>
    public int Status { get; }

    /// <summary>Null: only descriptors limit.</summary>
    public BucketSettings? Bucket { get; }

    public IReadOnlyList<(byte[] Descriptor, BucketSettings Bucket)> Descriptors { get; }

    /// <summary>Those that leave values open, in order.</summary>
    public IReadOnlyList<WildcardDescriptor> Wildcards { get; }

    public bool AlwaysTakesFromDefault { get; }

    /// <summary>local_rate_limit_per_downstream_connection: every connection has its own buckets.</summary>
    public bool PerConnection { get; }

    /// <summary>local_cluster_rate_limit: the proxies that share the tokens evenly; null: they are all this proxy's.</summary>
    public LocalCluster? SharedWith { get; }

    /// <summary>filter_enabled; null: no request.</summary>
    public RuntimeFraction? Enabled { get; }

    /// <summary>filter_enforced; null: no request.</summary>
    public RuntimeFraction? Enforced { get; }

    public uint Stage { get; }

    /// <summary>enable_x_ratelimit_headers.</summary>
    public bool TellsLimits { get; }

    public VhRateLimitsOptions VirtualHostLimits { get; }

    /// <summary>rate_limits of the filter itself, which count instead of those of routes and virtual hosts; null: there are none.</summary>
    public RateLimitPolicy? Limits { get; }

    public bool AsResourceExhausted { get; }

    public HeaderMutations RequestHeaders { get; }

    public HeaderMutations ResponseHeaders { get; }

    public LocalRateLimitStats Stats { get; }

    /// <summary>The buckets of all connections together.</summary>
    public LocalRateLimiter Shared { get; }

    /// <summary>How a bucket is made.</summary>
    internal sealed record BucketSettings(uint MaxTokens, uint TokensPerFill, long FillIntervalMs)
    {
        public TokenBucket Make() => new(MaxTokens, TokensPerFill, FillIntervalMs);
    }

    public static LocalRateLimitConfig Create(LimitMessage config, FactoryContext context) => new(config, context);

    public static LocalRateLimitConfig OfRoute(LimitMessage config, FactoryContext context)
    {
        if (config.TokenBucket is null)
            context.Config.Error(config, "token_bucket", "local rate limit token bucket must be set for per filter configs");
        return new LocalRateLimitConfig(config, context);
    }

    private static LocalCluster? SharedWithOf(LimitMessage config, FactoryContext context)
    {
        if (config.LocalClusterRateLimit is null) return null;
        if (config.LocalRateLimitPerDownstreamConnection)
            context.Config.Error(config, "local_cluster_rate_limit", "local_cluster_rate_limit is set and local_rate_limit_per_downstream_connection is set to true");
        if (context.LocalCluster is null)
            context.Config.Error(config, "local_cluster_rate_limit", "local_cluster_rate_limit is set but no local cluster name is present");
        return context.LocalCluster;
    }

    private static BucketSettings? BucketOf(TokenBucketMessage? bucket, IMessage at, string tooFast, FactoryContext context)
    {
        if (bucket is null) return null;
        var intervalMs = bucket.FillInterval.ToMs(0);
        if (intervalMs < MinFillIntervalMs) context.Config.Error(at, "token_bucket", tooFast);
        return new BucketSettings(bucket.MaxTokens, bucket.TokensPerFill ?? 1, Math.Max(intervalMs, MinFillIntervalMs));
    }

    private static (List<(byte[], BucketSettings)> Exact, List<WildcardDescriptor> Wildcards) DescriptorsOf(LimitMessage config, FactoryContext context)
    {
        var exact = new List<(byte[], BucketSettings)>();
        var wildcards = new List<WildcardDescriptor>();
        var maxKept = (int)Math.Min(config.MaxDynamicDescriptors ?? DefaultMaxDynamicDescriptors, int.MaxValue);
        var seen = new HashSet<byte[]>(BytesKey.Instance);
        foreach (var descriptor in config.Descriptors)
        {
            var entries = descriptor.Entries.Select(static entry => (entry.Key, entry.Value)).ToArray();
            var key = RateLimitDescriptor.Of(entries);
            if (BucketOf(descriptor.TokenBucket, descriptor, "local rate limit descriptor token bucket fill timer must be >= 50ms", context) is not { } bucket) continue;
            if (!seen.Add(key)) context.Config.Error(descriptor, "entries", $"duplicate descriptor in the local rate descriptor: {string.Join(", ", entries.Select(static entry => $"{entry.Key}={entry.Value}"))}");
            else if (Array.Exists(entries, static entry => entry.Value.Length == 0)) wildcards.Add(new WildcardDescriptor(entries, bucket, maxKept));
            else exact.Add((key, bucket));
        }

        return (exact, wildcards);
    }
}

/// <summary>What a local rate limit counts.</summary>
internal sealed class LocalRateLimitStats(StatsScope scope)
{
    public Counter Enabled { get; } = scope.Counter("enabled");

    public Counter Enforced { get; } = scope.Counter("enforced");

    public Counter RateLimited { get; } = scope.Counter("rate_limited");

    public Counter Ok { get; } = scope.Counter("ok");
}
