namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>RING_HASH: each endpoint at many points of a ring, as many as its weight says; a request goes to the next point after its hash. O(log n) per pick.</summary>
/// <remarks>A ring is made of the one before: points of endpoints that are gone are taken out, those of new ones put in; nothing else is hashed or sorted.</remarks>
internal sealed class HashRing : HashTable
{
    private readonly Endpoint[] _endpoints;
    private readonly string[] _keys;
    private readonly int[] _counts;
    private readonly ulong[] _points;
    private readonly int[] _owners;

    /// <param name="previous">The ring before; null: there was none.</param>
    public HashRing(NormalizedWeights weights, RingHashConfig config, HashRing? previous = null)
    {
        _endpoints = [.. weights.Endpoints];
        _keys = Array.ConvertAll(_endpoints, endpoint => HashKey.Of(endpoint, config.UseHostname));
        _counts = new int[_endpoints.Length];
        if (_endpoints.Length == 0)
        {
            (_points, _owners) = ([], []);
            return;
        }

        // The lightest endpoint gets a whole number of points, unless that would be more than the ring may have.
        var scale = Math.Min(Math.Ceiling(weights.Min * config.MinSize) / weights.Min, config.MaxSize);
        var size = CountPoints(weights, scale);
        (_points, _owners) = (new ulong[size], new int[size]);
        Fill(previous ?? new HashRing(), config.Function);
        config.Stats?.Set((long)Math.Ceiling(scale), _counts.Min(), _counts.Max());
    }

    private HashRing() => (_endpoints, _keys, _counts, _points, _owners) = ([], [], [], [], []);

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

    /// <summary>How many points each endpoint gets; gives their sum.</summary>
    private int CountPoints(NormalizedWeights weights, double scale)
    {
        var (due, sum) = (0.0, 0);
        for (var i = 0; i < _counts.Length; i++)
        {
            // Running sums carry what is left of a point to the next endpoint.
            due += scale * weights.Weights[i];
            _counts[i] = Math.Max(0, (int)Math.Ceiling(due) - sum);
            sum += _counts[i];
        }

        return sum;
    }

    private void Fill(HashRing previous, RingHashFunction function)
    {
        var change = new EndpointChange(previous._endpoints, _endpoints);
        var (gone, come) = (new RingPoints(function), new RingPoints(function));
        var indexNow = new int[previous._endpoints.Length];
        for (var before = 0; before < indexNow.Length; before++)
        {
            var now = change.IndexNow(before, previous._endpoints[before]);
            var isSame = now >= 0 && previous._keys[before] == _keys[now];
            indexNow[before] = isSame ? now : -1;
            var kept = isSame ? Math.Min(previous._counts[before], _counts[now]) : 0;
            if (isSame)
                gone.Add(previous._keys[before], before, kept, previous._counts[before]);
            if (now >= 0)
                come.Add(_keys[now], now, kept, _counts[now]);
        }

        foreach (var now in change.Come)
            come.Add(_keys[now], now, 0, _counts[now]);
        Merge(previous, indexNow, gone.ToSet(), come.Sorted());
    }

    /// <summary>The points of the ring before without those that are gone, and with those that have come.</summary>
    /// <param name="indexNow">Of endpoints by their index in the ring before; -1: all points are gone.</param>
    /// <param name="gone">Points that others are left of.</param>
    private void Merge(HashRing previous, int[] indexNow, HashSet<(ulong Point, int Owner)> gone, (ulong[] Points, int[] Owners) come)
    {
        var (next, nextCome) = (0, 0);
        for (var i = 0; i < previous._points.Length; i++)
        {
            var (point, owner) = (previous._points[i], previous._owners[i]);
            if (indexNow[owner] < 0 || (gone.Count > 0 && gone.Contains((point, owner))))
                continue;
            for (; nextCome < come.Points.Length && come.Points[nextCome] < point; nextCome++)
                Put(next++, come.Points[nextCome], come.Owners[nextCome]);
            Put(next++, point, indexNow[owner]);
        }

        for (; nextCome < come.Points.Length; nextCome++)
            Put(next++, come.Points[nextCome], come.Owners[nextCome]);
    }

    private void Put(int at, ulong point, int owner) => (_points[at], _owners[at]) = (point, owner);
}
