using System.Collections.Frozen;

namespace Weft.Proxy.Runtime;

/// <summary>All runtime values at one moment, later layers over earlier ones. Immutable; swapped by reference.</summary>
public sealed class RuntimeSnapshot
{
    public static readonly RuntimeSnapshot Empty = new([]);

    private readonly FrozenDictionary<string, RuntimeValue> _values;

    /// <param name="layers">In order: a key of a later layer replaces that of an earlier one, whatever its kind.</param>
    internal RuntimeSnapshot(IReadOnlyList<LayerValues> layers)
    {
        var values = new Dictionary<string, RuntimeValue>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            foreach (var (key, value) in layer.Values) values[key] = value;
        }

        Layers = layers;
        _values = values.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Keys over all layers.</summary>
    public int KeyCount => _values.Count;

    /// <summary>The layers that this snapshot was made of; those that could not be loaded are left out.</summary>
    internal IReadOnlyList<LayerValues> Layers { get; }

    /// <summary>An integer value, or the default when the key is absent or no number.</summary>
    public ulong GetInteger(string key, ulong defaultValue) => Find(key)?.Integer ?? defaultValue;

    /// <summary>A number, or the default when the key is absent or no number.</summary>
    public double GetDouble(string key, double defaultValue) => Find(key)?.Double ?? defaultValue;

    /// <summary>A feature flag; default when absent.</summary>
    public bool GetBool(string key, bool defaultValue) => Find(key)?.Bool ?? defaultValue;

    /// <summary>
    /// True for a share of requests: numerator / denominator, overridden by the key (an integer percentage or a fraction
    /// mapping). Compares as Envoy does: <c>random % denominator &lt; numerator</c>.
    /// </summary>
    public bool IsEnabled(in RuntimeFraction fraction, ulong random)
    {
        var numerator = fraction.Numerator;
        var denominator = fraction.Denominator;
        if (Find(fraction.Key) is { } value)
        {
            if (value.Fraction is { } configured)
            {
                (numerator, denominator) = (configured.Numerator, configured.Denominator);
            }
            else if (value.Integer is { } percent)
            {
                if (percent > 100) return true;
                (numerator, denominator) = ((uint)percent, 100);
            }
        }

        return random % denominator < numerator;
    }

    private RuntimeValue? Find(string? key)
        => _values.Count == 0 || string.IsNullOrEmpty(key) ? null : _values.GetValueOrDefault(key);
}
