using Weft.Base;
using Weft.Base.Stats;

namespace Weft.Proxy.Overload;

/// <summary>A place on the way of connections and requests where some are turned away under load (LoadShedPoint). Any thread.</summary>
internal sealed class LoadShedPoint
{
    public OverloadLevel Level { get; } = new();

    /// <summary>shed_load_count; counts nothing where the point is not configured.</summary>
    public Counter Shed { get; set; }

    /// <summary>Whether this one is turned away; counts it.</summary>
    public bool Sheds(RandomSource random)
    {
        if (!Level.IsDrawn(random))
            return false;
        Shed.Inc();
        return true;
    }
}
