using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>listener.ADDRESS.*</c>, under Envoy's names.</summary>
public sealed class ListenerStats
{
    public ListenerStats(StatsStore store, string address, int concurrency)
    {
        var scope = Scope = store.Scope($"listener.{address.Replace(':', '_')}.");
        _workers = new WorkerListenerStats[concurrency + 1];
        for (var i = 0; i < concurrency; i++)
            _workers[i] = new WorkerListenerStats(this, scope, $"worker_{i}.");
        _workers[concurrency] = new WorkerListenerStats(this, scope, "main_thread.");
        DownstreamCxTotal = scope.Counter("downstream_cx_total");
        DownstreamCxDestroy = scope.Counter("downstream_cx_destroy");
        DownstreamCxOverflow = scope.Counter("downstream_cx_overflow");
        DownstreamCxOverloadReject = scope.Counter("downstream_cx_overload_reject");
        DownstreamGlobalCxOverflow = scope.Counter("downstream_global_cx_overflow");
        DownstreamPreCxTimeout = scope.Counter("downstream_pre_cx_timeout");
        DownstreamListenerFilterError = scope.Counter("downstream_listener_filter_error");
        DownstreamListenerFilterRemoteClose = scope.Counter("downstream_listener_filter_remote_close");
        NoFilterChainMatch = scope.Counter("no_filter_chain_match");
        DownstreamCxActive = scope.Gauge("downstream_cx_active");
        DownstreamPreCxActive = scope.Gauge("downstream_pre_cx_active");
        DownstreamCxLengthMs = scope.Histogram("downstream_cx_length_ms", HistogramUnit.Milliseconds);
        DownstreamCxTransportSocketConnectTimeout = scope.Counter("downstream_cx_transport_socket_connect_timeout");
        ConnectionsAcceptedPerSocketEvent = scope.Histogram("connections_accepted_per_socket_event");
    }

    /// <summary>For what counts more under the same prefix.</summary>
    public StatsScope Scope { get; }

    public Counter DownstreamCxTransportSocketConnectTimeout { get; }

    public Histogram ConnectionsAcceptedPerSocketEvent { get; }

    public Counter DownstreamCxTotal { get; }

    public Counter DownstreamCxDestroy { get; }

    public Counter DownstreamCxOverflow { get; }

    public Counter DownstreamCxOverloadReject { get; }

    public Counter DownstreamGlobalCxOverflow { get; }

    public Counter DownstreamPreCxTimeout { get; }

    public Counter DownstreamListenerFilterError { get; }

    public Counter DownstreamListenerFilterRemoteClose { get; }

    public Counter NoFilterChainMatch { get; }

    public Gauge DownstreamCxActive { get; }

    public Gauge DownstreamPreCxActive { get; }

    public Histogram DownstreamCxLengthMs { get; }

    private readonly WorkerListenerStats[] _workers;

    /// <summary>The part of one worker; the main thread's has the highest index.</summary>
    public WorkerListenerStats ForWorker(int index) => _workers[index];
}
