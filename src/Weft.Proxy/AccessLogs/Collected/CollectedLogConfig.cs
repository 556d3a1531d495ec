using Envoy.Extensions.AccessLoggers.Grpc.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.AccessLogs.Collected;

/// <summary>CommonGrpcAccessLogConfig: entries that workers gather and send to a collector. Immutable, shared by all workers.</summary>
/// <param name="common">What all such logs have in common.</param>
/// <param name="collector">Where they go.</param>
/// <param name="stats">Of the log.</param>
/// <param name="concurrency">Workers, without the main thread.</param>
internal abstract class CollectedLogConfig(CommonGrpcAccessLogConfig common, CollectorTarget collector, StatsScope stats, int concurrency)
{
    // One entry per worker (the main thread has the highest index), each written by its own worker only.
    private readonly LogReporter?[] _perWorker = new LogReporter?[concurrency + 1];

    public CollectorTarget Collector => collector;

    /// <summary>buffer_flush_interval; default 1,000.</summary>
    public long FlushIntervalMs { get; } = common.BufferFlushInterval.ToMs(1000);

    /// <summary>buffer_size_bytes; default 16,384. 0: every entry by itself.</summary>
    public int BufferBytes { get; } = (int)Math.Min(common.BufferSizeBytes ?? 16_384, int.MaxValue);

    public Counter LogsWritten { get; } = stats.Counter("logs_written");

    public Counter LogsDropped { get; } = stats.Counter("logs_dropped");

    /// <summary>The worker's part; called on its thread.</summary>
    public LogReporter For(Worker worker) => _perWorker[worker.Index] ??= Create(worker);

    private protected abstract LogReporter Create(Worker worker);
}
