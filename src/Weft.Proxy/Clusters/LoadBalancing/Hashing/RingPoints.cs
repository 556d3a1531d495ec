using Weft.Base.Buffers;
using Weft.Base.Hashing;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>Some points of a ring with the endpoints that they belong to, while it is made. Main thread.</summary>
internal sealed class RingPoints(RingHashFunction function)
{
    private readonly ByteWriter _key = new();
    private readonly List<ulong> _points = [];
    private readonly List<int> _owners = [];

    /// <summary>Adds points <c>KEY_from</c>, ... up to but not with <c>KEY_to</c>.</summary>
    /// <param name="key">What the endpoint is known by.</param>
    /// <param name="owner">The index of the endpoint.</param>
    public void Add(string key, int owner, int from, int to)
    {
        if (from == to)
            return;
        _key.Clear();
        _key.Write(key);
        _key.Write((byte)'_');
        var prefix = _key.Length;
        for (var number = from; number < to; number++)
        {
            _key.Truncate(prefix);
            _key.Write(number);
            _points.Add(function == RingHashFunction.MurmurHash2 ? MurmurHash2.Hash(_key.Written) : XxHash64.Hash(_key.Written));
            _owners.Add(owner);
        }
    }

    /// <summary>In the order of the ring.</summary>
    public (ulong[] Points, int[] Owners) Sorted()
    {
        var (points, owners) = (_points.ToArray(), _owners.ToArray());
        Array.Sort(points, owners);
        return (points, owners);
    }

    public HashSet<(ulong Point, int Owner)> ToSet() => [.. _points.Zip(_owners)];
}
