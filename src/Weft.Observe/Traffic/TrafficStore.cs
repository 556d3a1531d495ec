namespace Weft.Observe.Traffic;

/// <summary>The live table: rows from scrapes of proxies, and rows of routes and clusters from the access log service. Loop thread.</summary>
internal sealed class TrafficStore
{
    /// <summary>All rows together; what comes beyond is counted only.</summary>
    public const int MaxRows = 10_000;

    private readonly Dictionary<TrafficKey, TrafficRow> _rows = [];
    private readonly HashSet<TrafficKey> _logged = [];

    public IEnumerable<TrafficRow> Rows => _rows.Values;

    /// <summary>Rows that were not begun.</summary>
    public long Dropped { get; private set; }

    /// <param name="seconds">Since the scrape before.</param>
    public void AddScrape(string proxy, ProxyScrape scrape, double seconds)
    {
        foreach (var ((kind, name), totals) in scrape.Rows)
        {
            var key = new TrafficKey(proxy, kind, name);
            if (_logged.Remove(key))
                _rows.Remove(key);
            Row(key)?.AddScrape(totals, seconds);
        }

        foreach (var gone in _rows.Keys.Where(key => key.Proxy == proxy && !_logged.Contains(key) && !scrape.Rows.ContainsKey((key.Kind, key.Name))).ToList())
            _rows.Remove(gone);
    }

    /// <summary>A proxy is no longer asked, or does not answer: nothing is told of what it counts. What its access logs tell stays.</summary>
    public void Forget(string proxy)
    {
        foreach (var key in _rows.Keys.Where(key => key.Proxy == proxy && !_logged.Contains(key)).ToList())
            _rows.Remove(key);
    }

    public void AddRequest(string proxy, Logs.LoggedRequest request)
    {
        if (request.Route.Length > 0)
            AddLogged(new TrafficKey(proxy, TrafficKind.Route, request.Route), request);
        if (request.Cluster.Length > 0)
            AddLogged(new TrafficKey(proxy, TrafficKind.Cluster, request.Cluster), request);
    }

    /// <summary>To be called in intervals, for the rows that are fed by logs; those long silent go.</summary>
    public void EndLoggedInterval(double seconds)
    {
        foreach (var key in _logged.ToList())
        {
            var row = _rows[key];
            row.EndLoggedInterval(seconds);
            if (row.Silence <= TrafficRow.Points)
                continue;
            _rows.Remove(key);
            _logged.Remove(key);
        }
    }

    /// <summary>What a scrape counts is not counted a second time.</summary>
    private void AddLogged(TrafficKey key, Logs.LoggedRequest request)
    {
        if ((_rows.ContainsKey(key) && !_logged.Contains(key)) || Row(key) is not { } row)
            return;
        _logged.Add(key);
        row.AddRequest(request.Status >= 500, request.DurationMs);
    }

    private TrafficRow? Row(TrafficKey key)
    {
        if (_rows.TryGetValue(key, out var row))
            return row;
        if (_rows.Count >= MaxRows)
        {
            Dropped++;
            return null;
        }

        _rows.Add(key, row = new TrafficRow(key));
        return row;
    }
}
