using Weft.Base.Stats;

namespace Weft.Proxy.Tracing;

/// <summary>The statistics <c>http.PREFIX.tracing.*</c>, under Envoy's names.</summary>
internal sealed class TracingStats
{
    public TracingStats(StatsStore store, string statPrefix)
    {
        var scope = store.Scope($"http.{statPrefix}.tracing.");
        RandomSampling = scope.Counter("random_sampling");
        ServiceForced = scope.Counter("service_forced");
        ClientEnabled = scope.Counter("client_enabled");
        NotTraceable = scope.Counter("not_traceable");
        HealthCheck = scope.Counter("health_check");
    }

    public Counter RandomSampling { get; }

    public Counter ServiceForced { get; }

    public Counter ClientEnabled { get; }

    public Counter NotTraceable { get; }

    public Counter HealthCheck { get; }

    public void Count(TraceReason reason) => (reason switch
    {
        TraceReason.Sampled => RandomSampling,
        TraceReason.Forced => ServiceForced,
        TraceReason.ClientForced => ClientEnabled,
        _ => NotTraceable,
    }).Inc();
}
