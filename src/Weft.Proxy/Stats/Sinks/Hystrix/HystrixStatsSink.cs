using Envoy.Config.Metrics.V3;
using Weft.Base.Buffers;
using Weft.Proxy.Admin;

namespace Weft.Proxy.Stats.Sinks.Hystrix;

/// <summary>
/// HystrixSink: sends every cluster's requests, over a rolling window, to the dashboards that ask for <c>/hystrix_event_stream</c>;
/// does nothing while none does. Main thread.
/// </summary>
internal sealed class HystrixStatsSink(HystrixSink config, StatsSinkContext context) : StatsSink
{
    private const int DefaultBuckets = 10;

    /// <summary>As many as the API can say would be memory for nothing.</summary>
    private const long MaxBuckets = 10_000;

    private readonly Dictionary<string, HystrixWindow> _windows = new(StringComparer.Ordinal);
    private readonly List<IAdminStream> _dashboards = [];
    private readonly ByteWriter _events = new();
    private readonly int _length = 1 + (int)(config.NumBuckets > 0 ? Math.Min(config.NumBuckets, MaxBuckets) : DefaultBuckets);

    public override IEnumerable<AdminEndpoint> Endpoints => [new HystrixStreamEndpoint(this)];

    public override void Flush(MetricsSnapshot snapshot)
    {
        if (_dashboards.Count == 0)
            return;
        Update(snapshot);
        _events.Clear();
        var events = new HystrixEvents(_events);
        var nowSeconds = new DateTimeOffset(context.Main.Loop.UtcNow, TimeSpan.Zero).ToUnixTimeSeconds();
        foreach (var cluster in context.Clusters())
        {
            var endpoints = cluster.Config.Stats.MembershipTotal.Value;
            events.WriteCommand(cluster.Config, _windows[cluster.Config.StatsScope.Prefix], endpoints, nowSeconds, context.FlushIntervalMs);
            events.WriteThreadPool(cluster.Config, endpoints, context.FlushIntervalMs);
        }

        // A comment keeps the connection alive when there are no clusters.
        _events.Write(":\n\n"u8);
        foreach (var dashboard in _dashboards.ToArray())
            dashboard.Send(_events.Written);
    }

    internal void Add(IAdminStream dashboard) => _dashboards.Add(dashboard);

    /// <summary>Without a dashboard nothing is counted, and the next one begins with an empty window.</summary>
    internal void Remove(IAdminStream dashboard)
    {
        _dashboards.Remove(dashboard);
        if (_dashboards.Count == 0)
            _windows.Clear();
    }

    private void Update(MetricsSnapshot snapshot)
    {
        var current = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cluster in context.Clusters())
        {
            var prefix = cluster.Config.StatsScope.Prefix;
            current.Add(prefix);
            if (!_windows.TryGetValue(prefix, out var window))
                _windows.Add(prefix, window = new HystrixWindow(_length));
            window.Times = null;
        }

        foreach (var gone in _windows.Keys.Except(current).ToArray())
            _windows.Remove(gone);
        foreach (var (counter, _) in snapshot.Counters)
        {
            if (_windows.TryGetValue(counter.Prefix, out var window))
                window.Add(counter.Suffix, counter.Value);
        }

        foreach (var histogram in snapshot.Histograms)
        {
            if (histogram.Suffix == "upstream_rq_time" && _windows.TryGetValue(histogram.Prefix, out var window))
                window.Times = histogram.Histogram!.Interval;
        }

        foreach (var window in _windows.Values)
            window.Push();
    }
}

/// <summary><c>/hystrix_event_stream</c>: server-sent events for a Hystrix dashboard, until it goes away.</summary>
internal sealed class HystrixStreamEndpoint(HystrixStatsSink sink) : AdminEndpoint("/hystrix_event_stream", "send hystrix event stream")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.Clear();
        response.Headers.Add(new("cache-control", "no-cache"));
        response.Headers.Add(new("access-control-allow-origin", "*"));
        response.Headers.Add(new("access-control-allow-headers", "Accept, Cache-Control, X-Requested-With, Last-Event-ID"));
        response.StreamBegun = sink.Add;
        response.StreamEnded = sink.Remove;
    }
}
