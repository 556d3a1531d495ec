namespace Weft.Proxy.Runtime;

/// <summary>All runtime values at one moment, later layers over earlier ones. Immutable; swapped by reference.</summary>
public sealed class RuntimeSnapshot
{
    public static readonly RuntimeSnapshot Empty = new();

    /// <summary>An integer value, or the default when the key is absent or no number.</summary>
    public ulong GetInteger(string key, ulong defaultValue) => throw new NotImplementedException();

    /// <summary>A feature flag; default when absent.</summary>
    public bool GetBool(string key, bool defaultValue) => throw new NotImplementedException();

    /// <summary>True for a share of requests: numerator / denominator, overridden by the key (an integer percentage or a fraction mapping). Compare as Envoy does: <c>random % denominator &lt; numerator</c>.</summary>
    public bool IsEnabled(in RuntimeFraction fraction, ulong random) => throw new NotImplementedException();
}

/// <summary>A RuntimeFractionalPercent as configured.</summary>
/// <param name="Key">Runtime key; null or empty when it is fixed.</param>
/// <param name="Numerator">Default numerator.</param>
/// <param name="Denominator">100, 10,000 or 1,000,000.</param>
public readonly record struct RuntimeFraction(string? Key, uint Numerator, uint Denominator);
