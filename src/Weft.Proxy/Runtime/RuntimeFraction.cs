using Envoy.Config.Core.V3;
using Envoy.Type.V3;

namespace Weft.Proxy.Runtime;

/// <summary>A RuntimeFractionalPercent as configured.</summary>
/// <param name="Key">Runtime key; null or empty when it is fixed.</param>
/// <param name="Numerator">Default numerator.</param>
/// <param name="Denominator">100, 10,000 or 1,000,000.</param>
public readonly record struct RuntimeFraction(string? Key, uint Numerator, uint Denominator)
{
    /// <summary>Every request.</summary>
    public static readonly RuntimeFraction Always = new(null, 100, 100);

    public static RuntimeFraction From(RuntimeFractionalPercent config) => From(config.DefaultValue ?? new FractionalPercent(), config.RuntimeKey);

    public static RuntimeFraction From(FractionalPercent config, string? key = null) => new(key, config.Numerator, ToNumber(config.Denominator));

    private static uint ToNumber(FractionalPercent.Types.DenominatorType denominator) => denominator switch
    {
        FractionalPercent.Types.DenominatorType.TenThousand => 10_000,
        FractionalPercent.Types.DenominatorType.Million => 1_000_000,
        _ => 100,
    };
}
