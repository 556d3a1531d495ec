using Envoy.Extensions.Common.Ratelimit.V3;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.RateLimits;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.LocalRateLimit;

/// <summary>Refuses requests (429, RL) for which a token bucket of this proxy has no token. Pooled; worker thread.</summary>
internal sealed class LocalRateLimitFilter(LocalRateLimitFilterFactory factory, Worker worker) : HttpFilter
{
    private const long GrpcResourceExhausted = 8;

    private static readonly HeaderName s_limit = new("x-ratelimit-limit");
    private static readonly HeaderName s_remaining = new("x-ratelimit-remaining");
    private static readonly HeaderName s_reset = new("x-ratelimit-reset");

    private readonly ByteWriter _descriptor = new(64);
    private BucketMatch[] _matched = new BucketMatch[4];
    private int _matchedCount;
    private LocalRateLimitConfig? _config;
    private TokenBucket? _decisive;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var config = _config = Stream.RouteConfig(this) as LocalRateLimitConfig ?? factory.Config;
        if (!IsDrawn(config.Enabled))
            return FilterStatus.Continue;
        config.Stats.Enabled.Inc();
        var limiter = config.PerConnection ? OfConnection(config) : config.Shared;
        FindBuckets(config, limiter, headers);
        if (limiter.TryTake(_matched.AsSpan(0, _matchedCount), worker.Loop.NowUs, out _decisive))
        {
            config.Stats.Ok.Inc();
            return FilterStatus.Continue;
        }

        config.Stats.RateLimited.Inc();
        if (IsDrawn(config.Enforced))
            return Refuse(config, headers);
        config.RequestHeaders.Apply(headers, new FormatContext(Stream.Info, headers));
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (_decisive is not { } bucket || !_config!.TellsLimits)
            return FilterStatus.Continue;
        var nowUs = worker.Loop.NowUs;
        Add(headers, s_limit, bucket.MaxTokens);
        Add(headers, s_remaining, bucket.Remaining(nowUs));
        Add(headers, s_reset, bucket.ResetSeconds(nowUs));
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _config = null;
        _decisive = null;
        _matched.AsSpan(0, _matchedCount).Clear();
        _matchedCount = 0;
    }

    private bool IsDrawn(RuntimeFraction? fraction) => fraction is { } share && factory.Runtime.Current.IsEnabled(share, worker.Random.Next());

    private FilterStatus Refuse(LocalRateLimitConfig config, HeaderMap headers)
    {
        config.Stats.Enforced.Inc();
        var reply = Stream.LocalReplyHeaders;
        reply.Set(KnownHeader.XEnvoyRateLimited, "true"u8);
        if (config.AsResourceExhausted && GrpcRequest.Is(headers))
            reply.Set(KnownHeader.GrpcStatus, GrpcResourceExhausted);
        config.ResponseHeaders.Apply(reply, new FormatContext(Stream.Info, headers, reply));
        Stream.SendLocalReply(config.Status, "local_rate_limited"u8, "local_rate_limited", ResponseFlags.RateLimited);
        return FilterStatus.Ended;
    }

    /// <summary>The connection's own buckets, made at its first request.</summary>
    private LocalRateLimiter OfConnection(LocalRateLimitConfig config)
    {
        if (Stream.ConnectionValue(config) is LocalRateLimiter limiter)
            return limiter;
        limiter = new LocalRateLimiter(config);
        Stream.SetConnectionValue(config, limiter);
        return limiter;
    }

    /// <summary>The buckets of the descriptors that route and virtual host give the request.</summary>
    private void FindBuckets(LocalRateLimitConfig config, LocalRateLimiter limiter, HeaderMap headers)
    {
        if (config.Descriptors.Count + config.Wildcards.Count == 0 || Stream.Route is not { Forward: { } forward } route)
            return;
        var cluster = forward.SelectCluster(new RouteRequest(headers, Stream.Info, factory.Runtime.Current))?.Name ?? "";
        var context = new RateLimitContext(headers, Stream.Info, cluster);
        if (config.Limits is { } own)
        {
            FindBuckets(own, 0, limiter, context);
            return;
        }

        FindBuckets(forward.RateLimits, config.Stage, limiter, context);
        if (forward.IncludesVirtualHostRateLimits
            || config.VirtualHostLimits == VhRateLimitsOptions.Include
            || (config.VirtualHostLimits == VhRateLimitsOptions.Override && forward.RateLimits.Count == 0))
        {
            FindBuckets(route.VirtualHost.RateLimits, config.Stage, limiter, context);
        }
    }

    private void FindBuckets(RateLimitPolicy policy, uint stage, LocalRateLimiter limiter, in RateLimitContext context)
    {
        for (var i = 0; i < policy.Count; i++)
        {
            if (!policy.TryWrite(i, stage, context, _descriptor) || limiter.Find(_descriptor.Written) is not { } bucket || policy.HitsOf(i, context) is not { } hits)
                continue;
            if (_matchedCount == _matched.Length)
                Array.Resize(ref _matched, _matchedCount * 2);
            _matched[_matchedCount++] = new BucketMatch(bucket, (long)hits);
        }
    }

    private static void Add(HeaderMap headers, HeaderName name, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        System.Buffers.Text.Utf8Formatter.TryFormat(value, digits, out var length);
        headers.Add(name, digits[..length]);
    }
}
