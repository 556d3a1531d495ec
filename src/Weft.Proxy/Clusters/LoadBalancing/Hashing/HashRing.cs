using Weft.Base.Buffers;
using Weft.Base.Hashing;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>RING_HASH: each endpoint at many points of a ring, as many as its weight says; a request goes to the next point after its hash. O(log n) per pick.</summary>
internal sealed class HashRing : HashTable
{
    private readonly Endpoint[] _endpoints;
    private readonly ulong[] _points;
    private readonly int[] _owners;

    public HashRing(NormalizedWeights weights, RingHashConfig config)
    {
        _endpoints = [.. weights.Endpoints];
        if (_endpoints.Length == 0)
        {
            _points = [];
            _owners = [];
            return;
        }
        // The lightest endpoint gets a whole number of points, unless that would be more than the ring may have.
        var scale = Math.Min(Math.Ceiling(weights.Min * config.MinSize) / weights.Min, config.MaxSize);
        var size = (long)Math.Ceiling(scale);
        var points = new List<ulong>((int)Math.Min(size + 1, int.MaxValue));
        var owners = new List<int>(points.Capacity);
        var (fewest, most) = (size, 0L);
        var due = 0.0;
        var key = new ByteWriter();
        for (var i = 0; i < _endpoints.Length; i++)
        {
            // Running sums carry what is left of a point to the next endpoint.
            due += scale * weights.Weights[i];
            var count = AddPoints(points, due, Prefix(key, HashKey.Of(_endpoints[i], config.UseHostname)), config.Function);
            for (var n = 0; n < count; n++)
                owners.Add(i);
            fewest = Math.Min(fewest, count);
            most = Math.Max(most, count);
        }
        _points = [.. points];
        _owners = [.. owners];
        Array.Sort(_points, _owners);
        config.Stats?.Set(size, fewest, most);
    }

    public override Endpoint? Find(ulong hash, int attempt)
    {
        if (_points.Length == 0)
            return null;
        var at = FirstAtOrAfter(hash);
        if (attempt > 0)
            at = (at + attempt) % _points.Length;
        return _endpoints[_owners[at]];
    }

    private int FirstAtOrAfter(ulong hash)
    {
        var (low, high) = (0, _points.Length);
        while (low < high)
        {
            var middle = (int)((uint)(low + high) >> 1);
            if (_points[middle] < hash)
                low = middle + 1;
            else
                high = middle;
        }
        return low == _points.Length ? 0 : low;
    }

    private static ByteWriter Prefix(ByteWriter key, string name)
    {
        key.Clear();
        key.Write(name);
        key.Write((byte)'_');
        return key;
    }

    /// <summary>Points of one endpoint, <c>KEY_0</c>, <c>KEY_1</c> ..., until the ring has as many as are due.</summary>
    private static int AddPoints(List<ulong> points, double due, ByteWriter key, RingHashFunction function)
    {
        var prefix = key.Length;
        var count = 0;
        for (; points.Count < due; count++)
        {
            key.Truncate(prefix);
            key.Write(count);
            points.Add(function == RingHashFunction.MurmurHash2 ? MurmurHash2.Hash(key.Written) : XxHash64.Hash(key.Written));
        }
        return count;
    }
}
