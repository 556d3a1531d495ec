using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Matching;

namespace Weft.Proxy.HttpFilters.LocalRateLimit;

/// <summary>The buckets of one limit: the default one and one per descriptor. Shared by all workers, or of one connection. Any thread.</summary>
internal sealed class LocalRateLimiter
{
    private readonly TokenBucket? _default;
    private readonly bool _alwaysTakesFromDefault;
    private readonly LocalCluster? _sharedWith;
    private readonly Dictionary<byte[], TokenBucket> _byDescriptor = new(BytesKey.Instance);
    private readonly WildcardBuckets[] _wildcards;

    public LocalRateLimiter(LocalRateLimitConfig config)
    {
        _default = config.Bucket?.Make();
        _alwaysTakesFromDefault = config.AlwaysTakesFromDefault;
        _sharedWith = config.SharedWith;
        foreach (var (descriptor, bucket) in config.Descriptors)
            _byDescriptor.Add(descriptor, bucket.Make());
        _wildcards = [.. config.Wildcards.Select(static descriptor => new WildcardBuckets(descriptor))];
    }

    /// <summary>The bucket of a descriptor; null when no limit is configured for it. Allocates only for values that a wildcard has not met of late.</summary>
    public TokenBucket? Find(ReadOnlySpan<byte> descriptor)
    {
        if (_byDescriptor.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(descriptor, out var bucket))
            return bucket;
        foreach (var wildcard in _wildcards)
        {
            if (wildcard.Find(descriptor) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>Takes a token from every bucket that the request meets, the slowest first, until one has none.</summary>
    /// <param name="matched">Those of its descriptors; sorted here.</param>
    /// <param name="decisive">The bucket to tell the client about; null when there is none.</param>
    public bool TryTake(Span<BucketMatch> matched, long nowUs, out TokenBucket? decisive)
    {
        Sort(matched);
        // A share of the tokens for each proxy: the same as that many times the price.
        long price = Math.Max(1, _sharedWith?.Endpoints.Membership ?? 1);
        foreach (var (bucket, hits) in matched)
        {
            decisive = bucket;
            if (!bucket.TryTake(nowUs, price * hits))
                return false;
        }

        decisive = matched.Length > 0 ? matched[0].Bucket : _default;
        if (_default is null || (matched.Length > 0 && !_alwaysTakesFromDefault) || _default.TryTake(nowUs, price))
            return true;
        decisive = _default;
        return false;
    }

    // A handful at most: insertion, in place.
    private static void Sort(Span<BucketMatch> buckets)
    {
        for (var i = 1; i < buckets.Length; i++)
        {
            for (var j = i; j > 0 && buckets[j].Bucket.UsPerToken > buckets[j - 1].Bucket.UsPerToken; j--)
                (buckets[j], buckets[j - 1]) = (buckets[j - 1], buckets[j]);
        }
    }
}

/// <summary>A bucket that a request meets.</summary>
/// <param name="Bucket">Of one of its descriptors.</param>
/// <param name="Hits">hits_addend: how many tokens the request takes; 1 where none is given.</param>
internal readonly record struct BucketMatch(TokenBucket Bucket, long Hits);
