using Weft.Base.Stats;

namespace Weft.Proxy.XdsClient.Scopes;

/// <summary>The statistics <c>http.PREFIX.scoped_rds.NAME.*</c>, under Envoy's names.</summary>
internal sealed class ScopedRoutesStats(StatsScope scope)
{
    public Counter ConfigReload { get; } = scope.Counter("config_reload");

    public Counter UpdateEmpty { get; } = scope.Counter("update_empty");

    public Gauge AllScopes { get; } = scope.Gauge("all_scopes");

    public Gauge OnDemandScopes { get; } = scope.Gauge("on_demand_scopes");

    /// <summary>Those whose routes were asked for.</summary>
    public Gauge ActiveScopes { get; } = scope.Gauge("active_scopes");

    /// <summary>Milliseconds since 1970 of the last accepted update.</summary>
    public Gauge ConfigReloadTimeMs { get; } = scope.Gauge("config_reload_time_ms");
}
