using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.TcpConnections;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Stats.Sinks.Statsd;

/// <summary>
/// Sends lines over one connection to an endpoint of a cluster, made at a flush when there is none. A receiver that does not read
/// loses its connection and that flush; nothing is kept for one that is not there. Main thread.
/// </summary>
internal sealed class TcpStatsdSink(StatsdLines lines, ClusterReference reference, StatsScope stats, Worker main) : StatsdLineSink(lines), ITcpUpstreamHandler
{
    /// <summary>What may wait for the receiver.</summary>
    internal const long MaxUnsentBytes = 16 * 1024 * 1024;

    private readonly StreamInfo _info = new();
    private readonly Counter _overflow = stats.Counter("statsd.cx_overflow");
    private TcpUpstream? _connection;

    public override void Close()
    {
        _connection?.Close();
        _connection = null;
    }

    protected override bool BeginFlush()
    {
        if (_connection?.UnsentBytes > MaxUnsentBytes)
        {
            _overflow.Inc();
            Close();
            return false;
        }

        _connection ??= Connect();
        return _connection is not null;
    }

    protected override void Send(ReadOnlySpan<byte> line)
    {
        _connection!.Write(line);
        _connection.Write("\n"u8);
    }

    void ITcpUpstreamHandler.OnUpstreamConnected()
    {
    }

    void ITcpUpstreamHandler.OnUpstreamConnectFailed(ResetReason reason, string? failure) => _connection = null;

    /// <summary>Nothing is expected.</summary>
    void ITcpUpstreamHandler.OnUpstreamData(ReadOnlySpan<byte> data)
    {
    }

    void ITcpUpstreamHandler.OnUpstreamReadEnd() => Close();

    void ITcpUpstreamHandler.OnUpstreamClosed(bool inOrder) => _connection = null;

    void ITcpUpstreamHandler.OnUpstreamAboveHighWatermark()
    {
    }

    void ITcpUpstreamHandler.OnUpstreamBelowLowWatermark()
    {
    }

    private TcpUpstream? Connect()
    {
        if (main.Clusters.Find(reference) is not { } cluster)
            return null;
        if (cluster.Pick(new LoadBalancerContext(_info, null)) is not { } endpoint)
        {
            cluster.Config.Stats.UpstreamCxNoneHealthy.Inc();
            return null;
        }

        return TcpUpstream.TryAcquire(cluster.Config) ? new TcpUpstream(main, cluster.Config, endpoint, this) : null;
    }
}
