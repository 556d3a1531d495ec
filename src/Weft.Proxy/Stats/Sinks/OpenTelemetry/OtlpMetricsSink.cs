using Weft.Base.Buffers;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Stats.Sinks.OpenTelemetry;

/// <summary>
/// envoy.stat_sinks.open_telemetry: exports every flush by OTLP over gRPC, in as many requests as it takes to keep each small. A collector that
/// does not answer costs flushes. Main thread.
/// </summary>
internal sealed class OtlpMetricsSink : StatsSink
{
    /// <summary>A request is sent when it has reached this size: receivers of gRPC take 4 MiB by default.</summary>
    private const int RequestBytes = 1024 * 1024;

    private const int ResourceMetrics = 1, Resource = 1, ScopeMetrics = 2;

    private readonly OtlpMetricWriter _metrics;
    private readonly byte[] _resource;
    private readonly CollectorTarget _target;
    private readonly CollectorCalls _calls;
    private readonly ByteWriter _points = new();
    private readonly Worker _main;

    /// <param name="metrics">How statistics become metrics.</param>
    /// <param name="resource">What metrics are of, as the wire has it.</param>
    /// <param name="target">The collector.</param>
    /// <param name="main">The main thread's worker.</param>
    public OtlpMetricsSink(OtlpMetricWriter metrics, byte[] resource, CollectorTarget target, Worker main)
    {
        (_metrics, _resource, _target, _main) = (metrics, resource, target, main);
        // An answer that says no changes nothing: these numbers are gone.
        _calls = new CollectorCalls(target, main, static (_, _) => { });
    }

    public override void Flush(MetricsSnapshot snapshot)
    {
        _metrics.WriteTo(_points, snapshot, _main.Loop.UtcNow, SendWhenLarge);
        Send();
    }

    private void SendWhenLarge()
    {
        if (_points.Length >= RequestBytes)
            Send();
    }

    private void Send()
    {
        if (_points.Length > 0)
            _calls.TrySend(_target.TimeoutMs, WriteRequest);
        _points.Clear();
    }

    private void WriteRequest(ByteWriter body)
    {
        body.WriteHead(ResourceMetrics, ProtoText.SizeOfField(_resource.Length) + ProtoText.SizeOfField(_points.Length));
        body.WriteBytes(Resource, _resource);
        body.WriteBytes(ScopeMetrics, _points.Written);
    }
}
