using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>listener_manager.*</c>, under Envoy's names.</summary>
public sealed class ListenerManagerStats
{
    public ListenerManagerStats(StatsStore store)
    {
        var scope = store.Scope("listener_manager.");
        ListenerAdded = scope.Counter("listener_added");
        ListenerCreateFailure = scope.Counter("listener_create_failure");
        ListenerCreateSuccess = scope.Counter("listener_create_success");
        ListenerInPlaceUpdated = scope.Counter("listener_in_place_updated");
        ListenerModified = scope.Counter("listener_modified");
        ListenerRemoved = scope.Counter("listener_removed");
        ListenerStopped = scope.Counter("listener_stopped");
        TotalFilterChainsDraining = scope.Gauge("total_filter_chains_draining");
        TotalListenersActive = scope.Gauge("total_listeners_active");
        TotalListenersDraining = scope.Gauge("total_listeners_draining");
        TotalListenersWarming = scope.Gauge("total_listeners_warming");
        WorkersStarted = scope.Gauge("workers_started");
    }

    public Counter ListenerAdded { get; }

    public Counter ListenerCreateFailure { get; }

    public Counter ListenerCreateSuccess { get; }

    public Counter ListenerInPlaceUpdated { get; }

    public Counter ListenerModified { get; }

    public Counter ListenerRemoved { get; }

    public Counter ListenerStopped { get; }

    public Gauge TotalFilterChainsDraining { get; }

    public Gauge TotalListenersActive { get; }

    public Gauge TotalListenersDraining { get; }

    public Gauge TotalListenersWarming { get; }

    public Gauge WorkersStarted { get; }
}
