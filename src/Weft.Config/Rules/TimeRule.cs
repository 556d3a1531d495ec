using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Validate;

namespace Weft.Config.Rules;

/// <summary>Compares durations with a constant, bounds and lists.</summary>
internal static class TimeRule
{
    internal static ValueRule Compile(DurationRules rules)
    {
        var (constant, lt, lte, gt, gte) = (Ticks(rules.Const), Ticks(rules.Lt), Ticks(rules.Lte), Ticks(rules.Gt), Ticks(rules.Gte));
        Int128[] allowed = [.. rules.In.Select(static d => Ticks(d)!.Value)];
        Int128[] forbidden = [.. rules.NotIn.Select(static d => Ticks(d)!.Value)];
        return value =>
        {
            var ticks = Ticks((Duration)value)!.Value;
            if (constant is not null && ticks != constant) return $"value must equal {Show(constant)}";
            if (gt is not null && ticks <= gt) return $"value must be greater than {Show(gt)}";
            if (gte is not null && ticks < gte) return $"value must be greater than or equal to {Show(gte)}";
            if (lt is not null && ticks >= lt) return $"value must be less than {Show(lt)}";
            if (lte is not null && ticks > lte) return $"value must be less than or equal to {Show(lte)}";
            if (allowed.Length > 0 && !allowed.Contains(ticks)) return $"value must be in list [{string.Join(", ", allowed.Select(static t => Show(t)))}]";
            return forbidden.Contains(ticks) ? $"value must not be in list [{string.Join(", ", forbidden.Select(static t => Show(t)))}]" : null;
        };
    }

    // In nanoseconds.
    private static Int128? Ticks(Duration? duration)
        => duration is null ? null : (Int128)duration.Seconds * 1_000_000_000 + duration.Nanos;

    private static string Show(Int128? nanos)
        => ((decimal)nanos!.Value / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture) + "s";
}
