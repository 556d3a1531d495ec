using System.Collections.Concurrent;
using System.Text;
using Weft.Proxy.Matching;
using Weft.Proxy.Routing.RateLimits;

namespace Weft.Proxy.HttpFilters.LocalRateLimit;

/// <summary>
/// A configured descriptor with keys whose value is left open: each combination of values that requests bring has a bucket of its own. The
/// max_dynamic_descriptors used last are kept. Any thread.
/// </summary>
internal sealed class WildcardBuckets(WildcardDescriptor descriptor)
{
    private readonly ConcurrentDictionary<byte[], Kept> _kept = new(BytesKey.Instance);
    private readonly Lock _changes = new();
    private readonly PriorityQueue<Kept, long> _byUse = new();
    private long _uses;

    /// <summary>The bucket of a request's descriptor; null when it is not of these.</summary>
    public TokenBucket? Find(ReadOnlySpan<byte> ofRequest)
    {
        if (!descriptor.IsMatch(ofRequest))
            return null;
        var kept = _kept.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(ofRequest, out var known) ? known : Add(ofRequest);
        Volatile.Write(ref kept.LastUse, Interlocked.Increment(ref _uses));
        return kept.Bucket;
    }

    /// <summary>Only values that were not seen of late come here, so that a lock does no harm.</summary>
    private Kept Add(ReadOnlySpan<byte> ofRequest)
    {
        lock (_changes)
        {
            if (_kept.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(ofRequest, out var known))
                return known;
            if (_byUse.Count >= descriptor.MaxKept)
                RemoveOldest();
            var added = new Kept(ofRequest.ToArray(), descriptor.Bucket.Make()) { LastUse = Interlocked.Increment(ref _uses) };
            _byUse.Enqueue(added, added.LastUse);
            _kept[added.Values] = added;
            return added;
        }
    }

    /// <summary>The queue learns of uses only here: what was used since goes back into it.</summary>
    private void RemoveOldest()
    {
        while (_byUse.TryDequeue(out var oldest, out var queuedAt))
        {
            var lastUse = Volatile.Read(ref oldest.LastUse);
            if (lastUse == queuedAt)
            {
                _kept.TryRemove(oldest.Values, out _);
                return;
            }

            _byUse.Enqueue(oldest, lastUse);
        }
    }

    private sealed class Kept(byte[] values, TokenBucket bucket)
    {
        public long LastUse;

        public byte[] Values { get; } = values;

        public TokenBucket Bucket { get; } = bucket;
    }
}

/// <summary>A LocalRateLimitDescriptor with entries that have no value. Immutable.</summary>
/// <param name="entries">As configured.</param>
/// <param name="bucket">Of each combination of values.</param>
/// <param name="maxKept">max_dynamic_descriptors.</param>
internal sealed class WildcardDescriptor(IEnumerable<(string Key, string Value)> entries, LocalRateLimitConfig.BucketSettings bucket, int maxKept)
{
    private readonly (byte[] Key, byte[] Value)[] _entries = [.. entries.Select(static entry => (Encoding.UTF8.GetBytes(entry.Key), Encoding.UTF8.GetBytes(entry.Value)))];

    public LocalRateLimitConfig.BucketSettings Bucket { get; } = bucket;

    public int MaxKept { get; } = maxKept;

    /// <summary>A request's descriptor has the same keys, and the values that are configured.</summary>
    public bool IsMatch(ReadOnlySpan<byte> ofRequest)
    {
        foreach (var (key, value) in _entries)
        {
            if (!RateLimitDescriptor.TryReadEntry(ref ofRequest, out var itsKey, out var itsValue) || !itsKey.SequenceEqual(key))
                return false;
            if (value.Length > 0 && !itsValue.SequenceEqual(value))
                return false;
        }

        return ofRequest.IsEmpty;
    }
}
