using Envoy.Config.Accesslog.V3;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.AccessLogs.Filters;

/// <summary>A ComparisonFilter: against a number that a runtime key may replace.</summary>
internal sealed class Comparison(ComparisonFilter config, RuntimeLayers? runtime)
{
    private readonly ComparisonFilter.Types.Op _operator = config.Op;
    private readonly uint _value = config.Value?.DefaultValue ?? 0;
    private readonly string _runtimeKey = config.Value?.RuntimeKey ?? "";

    public bool IsTrue(long number)
    {
        var value = (ulong)_value;
        if (runtime is not null && _runtimeKey.Length > 0)
            value = runtime.Current.GetInteger(_runtimeKey, value);
        return _operator switch
        {
            ComparisonFilter.Types.Op.Ge => (ulong)number >= value,
            ComparisonFilter.Types.Op.Le => (ulong)number <= value,
            _ => (ulong)number == value,
        };
    }
}
