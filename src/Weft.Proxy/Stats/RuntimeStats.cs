using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>runtime.*</c>, under Envoy's names.</summary>
public sealed class RuntimeStats
{
    public RuntimeStats(StatsScope root)
    {
        var scope = root.Scope("runtime.");
        DeprecatedFeatureUse = scope.Counter("deprecated_feature_use");
        LoadError = scope.Counter("load_error");
        LoadSuccess = scope.Counter("load_success");
        OverrideDirExists = scope.Counter("override_dir_exists");
        OverrideDirNotExists = scope.Counter("override_dir_not_exists");
        AdminOverridesActive = scope.Gauge("admin_overrides_active");
        DeprecatedFeatureSeenSinceProcessStart = scope.Gauge("deprecated_feature_seen_since_process_start");
        NumKeys = scope.Gauge("num_keys");
        NumLayers = scope.Gauge("num_layers");
    }

    public Counter DeprecatedFeatureUse { get; }

    public Counter LoadError { get; }

    public Counter LoadSuccess { get; }

    public Counter OverrideDirExists { get; }

    public Counter OverrideDirNotExists { get; }

    public Gauge AdminOverridesActive { get; }

    public Gauge DeprecatedFeatureSeenSinceProcessStart { get; }

    public Gauge NumKeys { get; }

    public Gauge NumLayers { get; }
}
