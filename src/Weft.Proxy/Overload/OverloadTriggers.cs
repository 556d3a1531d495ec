using Envoy.Config.Overload.V3;

namespace Weft.Proxy.Overload;

/// <summary>What drives a level: the highest that any of its resources asks for. Main thread.</summary>
internal sealed class OverloadTriggers(OverloadLevel level, Action<double> onChanged)
{
    private readonly Dictionary<string, (Trigger Config, double Level)> _byResource = new(StringComparer.Ordinal);

    /// <summary>False when the resource has one here already.</summary>
    public bool TryAdd(Trigger config) => _byResource.TryAdd(config.Name, (config, 0));

    /// <summary>A resource was measured.</summary>
    public void Update(string resource, double pressure)
    {
        if (!_byResource.TryGetValue(resource, out var trigger))
            return;
        _byResource[resource] = (trigger.Config, LevelAt(trigger.Config, pressure));
        var value = _byResource.Values.Max(static one => one.Level);
        if (value == level.Value)
            return;
        level.Value = value;
        onChanged(value);
    }

    private static double LevelAt(Trigger config, double pressure) => config.TriggerOneofCase switch
    {
        Trigger.TriggerOneofOneofCase.Threshold => pressure >= config.Threshold.Value ? 1 : 0,
        _ when pressure <= config.Scaled.ScalingThreshold => 0,
        _ when pressure >= config.Scaled.SaturationThreshold => 1,
        _ => (pressure - config.Scaled.ScalingThreshold) / (config.Scaled.SaturationThreshold - config.Scaled.ScalingThreshold),
    };
}
