using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;
using StreamMessage = Envoy.Service.Metrics.V3.StreamMetricsMessage;

namespace Weft.Proxy.Stats.Sinks.MetricsService;

/// <summary>
/// envoy.stat_sinks.metrics_service: streams every flush to a metrics service, in as many messages as it takes to keep each small. What a
/// service that does not read leaves behind is bounded; beyond that a flush is lost. Main thread.
/// </summary>
internal sealed class MetricsServiceSink : StatsSink
{
    /// <summary>A message is sent when it has reached this size: receivers of gRPC take 4 MiB by default.</summary>
    private const int MessageBytes = 1024 * 1024;

    /// <summary>What may wait for the service.</summary>
    private const int MaxWaitingBytes = 16 * 1024 * 1024;

    private readonly MetricFamilies _families;
    private readonly GrpcSendStream _stream;
    private readonly byte[] _identifier;
    private readonly ByteWriter _message = new();
    private readonly Worker _main;

    /// <param name="families">How statistics become metrics.</param>
    /// <param name="target">The service.</param>
    /// <param name="node">Who sends: part of the first message of a stream.</param>
    /// <param name="main">The main thread's worker.</param>
    public MetricsServiceSink(MetricFamilies families, CollectorTarget target, Envoy.Config.Core.V3.Node node, Worker main)
    {
        _families = families;
        _stream = new GrpcSendStream(target, main) { MaxWaitingBytes = MaxWaitingBytes };
        _identifier = new StreamMessage { Identifier = new StreamMessage.Types.Identifier { Node = node } }.ToByteArray();
        _main = main;
    }

    public override void Flush(MetricsSnapshot snapshot)
    {
        Begin();
        var nowMs = new DateTimeOffset(_main.Loop.UtcNow).ToUnixTimeMilliseconds();
        _families.WriteTo(_message, snapshot, nowMs, SendWhenLarge);
        if (_message.Length > 0)
            _stream.TrySend(_message.Written);
    }

    private void SendWhenLarge()
    {
        if (_message.Length < MessageBytes)
            return;
        _stream.TrySend(_message.Written);
        Begin();
    }

    private void Begin()
    {
        _message.Clear();
        if (!_stream.IsBegun)
            _message.Write(_identifier);
    }
}
