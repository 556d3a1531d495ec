using Weft.Proxy.HttpFilters.LocalRateLimit;
using TokenBucketMessage = Envoy.Type.V3.TokenBucket;

namespace Weft.Proxy.Listeners;

/// <summary>Token buckets that several filters take from: those of the same share_key and the same token_bucket. They live as long as one of the filters. Main thread.</summary>
internal sealed class SharedTokenBuckets
{
    private readonly Dictionary<(string Key, TokenBucketMessage Bucket), WeakReference<TokenBucket>> _buckets = [];

    public TokenBucket Get(string key, TokenBucketMessage config, Func<TokenBucket> make)
    {
        if (_buckets.TryGetValue((key, config), out var reference) && reference.TryGetTarget(out var bucket))
            return bucket;
        bucket = make();
        _buckets[(key, config)] = new WeakReference<TokenBucket>(bucket);
        return bucket;
    }
}
