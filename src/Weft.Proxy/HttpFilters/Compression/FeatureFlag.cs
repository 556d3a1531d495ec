using Envoy.Config.Core.V3;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.HttpFilters.Compression;

/// <summary>A RuntimeFeatureFlag; on when it is not configured. Immutable; any thread.</summary>
internal sealed class FeatureFlag(RuntimeFeatureFlag? config)
{
    private readonly bool _default = config?.DefaultValue ?? true;
    private readonly string _key = config?.RuntimeKey ?? "";

    public bool IsOn(RuntimeSnapshot runtime) => _key.Length == 0 ? _default : runtime.GetBool(_key, _default);
}
