using Envoy.Config.Bootstrap.V3;
using Weft.Base.Stats;
using Weft.Config;

namespace Weft.Proxy.Runtime;

/// <summary>
/// The configured runtime layers (static, disk, admin, RTDS) and the snapshot made of them. Main thread, except <see cref="Current"/>.
/// </summary>
public sealed class RuntimeLayers
{
    public RuntimeLayers(LayeredRuntime config, ConfigContext context, StatsScope stats) => throw new NotImplementedException();

    /// <summary>The newest snapshot; any thread, one volatile read.</summary>
    public RuntimeSnapshot Current => throw new NotImplementedException();

    public bool HasAdminLayer => throw new NotImplementedException();

    /// <summary>Sets keys of the admin layer (an empty value removes); takes effect on the next request of every worker.</summary>
    public void Modify(IEnumerable<KeyValuePair<string, string>> changes) => throw new NotImplementedException();

    /// <summary>Layer names in order.</summary>
    public IReadOnlyList<string> LayerNames => throw new NotImplementedException();

    /// <summary>Every key with its value per layer (in the order of <see cref="LayerNames"/>, "" where absent) and the final value; for /runtime.</summary>
    public IReadOnlyList<(string Key, string[] LayerValues, string Final)> Entries => throw new NotImplementedException();
}
