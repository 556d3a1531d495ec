namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// What is different between two lists of endpoints, so that what was derived from the first can be mended rather than made again. Lists that differ in
/// one place cost a comparison of references; only what lies between the first and the last difference is looked up. Used by one thread.
/// </summary>
internal sealed class EndpointChange
{
    private readonly int _start;
    private readonly int _endBefore;
    private readonly int _shift;

    /// <summary>Where those between the differences are now; null: there are none.</summary>
    private readonly Dictionary<Endpoint, int>? _moved;

    public EndpointChange(ReadOnlySpan<Endpoint> before, ReadOnlySpan<Endpoint> now)
    {
        var shorter = Math.Min(before.Length, now.Length);
        while (_start < shorter && ReferenceEquals(before[_start], now[_start]))
            _start++;
        var same = 0;
        while (same < shorter - _start && ReferenceEquals(before[^(same + 1)], now[^(same + 1)]))
            same++;
        _endBefore = before.Length - same;
        _shift = now.Length - before.Length;
        var between = before[_start.._endBefore];
        var remaining = now[_start..(now.Length - same)];
        if (between.IsEmpty || remaining.IsEmpty)
        {
            Gone = between.ToArray();
            Come = Indexes(_start, remaining.Length);
            return;
        }

        _moved = new Dictionary<Endpoint, int>(remaining.Length);
        for (var i = 0; i < remaining.Length; i++)
            _moved[remaining[i]] = _start + i;
        var staying = new HashSet<Endpoint>();
        var gone = new List<Endpoint>();
        foreach (var endpoint in between)
        {
            if (_moved.ContainsKey(endpoint))
                staying.Add(endpoint);
            else
                gone.Add(endpoint);
        }

        Gone = [.. gone];
        Come = [.. _moved.Where(one => !staying.Contains(one.Key)).Select(static one => one.Value).Order()];
    }

    /// <summary>Those of the first list that the second lacks.</summary>
    public Endpoint[] Gone { get; }

    /// <summary>Where in the second list those are that the first lacks, in order.</summary>
    public int[] Come { get; }

    /// <summary>Where an endpoint of the first list is in the second.</summary>
    /// <param name="before">Its index in the first.</param>
    /// <param name="endpoint">Itself.</param>
    /// <returns>-1 when it is gone.</returns>
    public int IndexNow(int before, Endpoint endpoint)
    {
        if (before < _start)
            return before;
        if (before >= _endBefore)
            return before + _shift;
        return _moved is not null && _moved.TryGetValue(endpoint, out var now) ? now : -1;
    }

    private static int[] Indexes(int start, int count)
    {
        var indexes = new int[count];
        for (var i = 0; i < count; i++)
            indexes[i] = start + i;
        return indexes;
    }
}
