using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;
using Weft.Proxy.XdsClient.Grpc;

namespace Weft.Proxy.Tracing.SkyWalking;

/// <summary>
/// Streams segments to the backend. While there is no stream, the latest of them are kept (client_config.max_cache_size) and sent when there is
/// one again; the oldest give way. One worker.
/// </summary>
internal sealed class SkyWalkingReporter
{
    private readonly SkyWalkingTracerConfig _config;
    private readonly GrpcSendStream _stream;
    private readonly ReconnectDelay _delay;
    private readonly LoopTimer _retry;
    private readonly Queue<ByteWriter> _kept = new();
    private readonly Stack<ByteWriter> _free = new();
    private bool _wasLost;

    public SkyWalkingReporter(SkyWalkingTracerConfig config, Worker worker)
    {
        _config = config;
        _delay = new ReconnectDelay(worker.Random);
        _retry = new LoopTimer(worker.Loop, OpenForKept);
        _stream = new GrpcSendStream(config.Backend, worker)
        {
            OnSent = config.Stats.SegmentsSent.Add,
            OnLost = config.Stats.SegmentsDropped.Add,
            OnOpened = SendKept,
            OnEnded = OnStreamEnded,
        };
    }

    /// <summary>Sends a segment, or keeps it; one that the backend does not read is lost.</summary>
    public void Report(ReadOnlySpan<byte> segment)
    {
        if (_stream.IsOpen)
        {
            if (!_stream.TrySend(segment))
                _config.Stats.SegmentsDropped.Inc();
            return;
        }

        Keep(segment);
        if (!_retry.IsArmed)
            OpenForKept();
    }

    private void Keep(ReadOnlySpan<byte> segment)
    {
        if (!_free.TryPop(out var kept))
            kept = new ByteWriter(0);
        kept.Write(segment);
        _kept.Enqueue(kept);
        if (_kept.Count <= _config.MaxKept)
            return;
        _config.Stats.SegmentsDropped.Inc();
        Release();
    }

    private void OpenForKept()
    {
        if (_kept.Count > 0 && !_stream.TryOpen() && !_retry.IsArmed)
            OnStreamEnded();
    }

    private void SendKept()
    {
        _delay.Reset();
        var isFlush = _wasLost && _kept.Count > 0;
        _wasLost = false;
        while (_stream.IsOpen && _kept.TryPeek(out var segment))
        {
            if (!_stream.TrySend(segment.Written))
                _config.Stats.SegmentsDropped.Inc();
            else if (isFlush)
                _config.Stats.SegmentsFlushed.Inc();
            Release();
        }

        // What waits for a connection that was asked for just now does not count as kept.
        if (isFlush)
            _config.Stats.CacheFlushed.Inc();
    }

    private void Release()
    {
        var segment = _kept.Dequeue();
        segment.Clear();
        _free.Push(segment);
    }

    private void OnStreamEnded()
    {
        _wasLost = true;
        _retry.Arm(_delay.NextMs());
    }
}
