using Weft.Base.Stats;

namespace Weft.Proxy.HttpFilters.Fault;

/// <summary>
/// A calling cluster (x-envoy-downstream-service-cluster): its own runtime keys and statistics. Made once per name, on the worker that
/// meets it first; its counters follow from the main thread. Any thread.
/// </summary>
internal sealed class DownstreamCluster(string name)
{
    private Counters? _counters;

    public string DelayPercentKey { get; } = $"fault.http.{name}.delay.fixed_delay_percent";

    public string DelayDurationKey { get; } = $"fault.http.{name}.delay.fixed_duration_ms";

    public string AbortPercentKey { get; } = $"fault.http.{name}.abort.abort_percent";

    public string AbortHttpStatusKey { get; } = $"fault.http.{name}.abort.http_status";

    public string AbortGrpcStatusKey { get; } = $"fault.http.{name}.abort.grpc_status";

    public string Name { get; } = name;

    /// <summary>Null until the main thread has made them.</summary>
    public Counters? Stats
    {
        get => Volatile.Read(ref _counters);
        set => Volatile.Write(ref _counters, value);
    }

    internal sealed record Counters(Counter AbortsInjected, Counter DelaysInjected);
}
