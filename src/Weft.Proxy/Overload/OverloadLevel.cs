using Weft.Base;

namespace Weft.Proxy.Overload;

/// <summary>How far something is driven: 0 not at all, 1 (saturated) always, between them for a share of the cases. Set on the main thread, read on any.</summary>
internal sealed class OverloadLevel
{
    private double _value;

    public double Value
    {
        get => Volatile.Read(ref _value);
        set => Volatile.Write(ref _value, value);
    }

    public bool IsSaturated => Value >= 1;

    /// <summary>Whether this case is one of the share. Costs one read as long as nothing is overloaded.</summary>
    public bool IsDrawn(RandomSource random)
    {
        var value = Value;
        return value > 0 && (value >= 1 || random.NextDouble() < value);
    }
}
