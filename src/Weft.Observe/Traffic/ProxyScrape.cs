using System.Globalization;

namespace Weft.Observe.Traffic;

/// <summary>What one scrape says of one row: totals since the proxy started.</summary>
internal sealed class ScrapedTotals
{
    public double Requests { get; set; }

    /// <summary>Responses of class 5xx.</summary>
    public double Errors { get; set; }

    public double Active { get; set; }

    /// <summary>Upper bound in milliseconds to how many requests took at most that long.</summary>
    public SortedDictionary<double, double> Buckets { get; } = [];
}

/// <summary>One scrape of a proxy's <c>/stats/prometheus</c>, reduced to what the live table shows. Any thread, immutable once read.</summary>
internal sealed class ProxyScrape
{
    /// <summary>A proxy with more rows than this shows the first of them.</summary>
    public const int MaxRows = 2_000;

    /// <summary>Only these statistics are asked for, as a filter of the admin interface.</summary>
    public const string Filter = @"(downstream|upstream)_rq_(time|total|completed|active|[1-5]xx)$";

    /// <summary>The admin interface, of which the scrapes themselves are the traffic.</summary>
    private const string AdminPrefix = "admin";

    private readonly Dictionary<(TrafficKind, string), ScrapedTotals> _rows = [];

    public IReadOnlyDictionary<(TrafficKind Kind, string Name), ScrapedTotals> Rows => _rows;

    public static ProxyScrape Read(ReadOnlySpan<byte> text)
    {
        var scrape = new ProxyScrape();
        foreach (var line in text.Split((byte)'\n'))
        {
            if (PrometheusSample.TryRead(text[line], out var sample))
                scrape.Take(sample);
        }

        return scrape;
    }

    private void Take(PrometheusSample sample)
    {
        var name = sample.Name;
        if (name.StartsWith("envoy_http_downstream_rq_"u8))
            Take(TrafficKind.Listener, sample.Label("envoy_http_conn_manager_prefix"u8), name["envoy_http_downstream_rq_"u8.Length..], sample);
        else if (name.StartsWith("envoy_cluster_upstream_rq_"u8))
            Take(TrafficKind.Cluster, sample.Label("envoy_cluster_name"u8), name["envoy_cluster_upstream_rq_"u8.Length..], sample);
        else if (name.StartsWith("envoy_vhost_route_upstream_rq_"u8))
            Take(TrafficKind.Route, $"{sample.Label("envoy_virtual_host"u8)}/{sample.Label("envoy_route"u8)}", name["envoy_vhost_route_upstream_rq_"u8.Length..], sample);
        else if (name.StartsWith("envoy_vhost_vcluster_upstream_rq_"u8))
            Take(TrafficKind.Route, $"{sample.Label("envoy_virtual_host"u8)}/{sample.Label("envoy_virtual_cluster"u8)}", name["envoy_vhost_vcluster_upstream_rq_"u8.Length..], sample);
    }

    private void Take(TrafficKind kind, string row, ReadOnlySpan<byte> what, PrometheusSample sample)
    {
        if (row.Length == 0 || (kind == TrafficKind.Listener && row == AdminPrefix))
            return;
        switch (what)
        {
            case var total when total.SequenceEqual("total"u8):
                if (Row(kind, row) is { } counted)
                    counted.Requests = sample.Value;
                break;
            case var active when active.SequenceEqual("active"u8):
                if (Row(kind, row) is { } serving)
                    serving.Active = sample.Value;
                break;
            case var classes when classes.SequenceEqual("xx"u8):
                if (sample.Label("envoy_response_code_class"u8) == "5" && Row(kind, row) is { } failing)
                    failing.Errors = sample.Value;
                break;
            case var buckets when buckets.SequenceEqual("time_bucket"u8):
                if (Row(kind, row) is { } timed && double.TryParse(sample.Label("le"u8).Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture, out var bound))
                    timed.Buckets[bound] = sample.Value;
                break;
        }
    }

    private ScrapedTotals? Row(TrafficKind kind, string name)
    {
        if (_rows.TryGetValue((kind, name), out var row))
            return row;
        if (_rows.Count >= MaxRows)
            return null;
        _rows.Add((kind, name), row = new ScrapedTotals());
        return row;
    }
}
