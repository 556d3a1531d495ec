using System.Collections;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;

namespace Weft.Config.Rules;

/// <summary>Compares numbers: with a constant, with bounds, with lists. Works for all kinds of number rules, which have the same fields.</summary>
internal static class NumberRule<T>
    where T : struct, INumber<T>
{
    internal static ValueRule? Compile(IMessage? rules, Func<object, IFormatProvider, T> convert)
    {
        if (rules is null) return null;
        T? Bound(string name)
        {
            var field = rules.Descriptor.FindFieldByName(name);
            return field.Accessor.HasValue(rules) ? convert(field.Accessor.GetValue(rules), CultureInfo.InvariantCulture) : null;
        }

        T[] List(string name) => [.. ((IList)rules.Descriptor.FindFieldByName(name).Accessor.GetValue(rules)).Cast<object>()
            .Select(v => convert(v, CultureInfo.InvariantCulture))];

        var (constant, lt, lte, gt, gte) = (Bound("const"), Bound("lt"), Bound("lte"), Bound("gt"), Bound("gte"));
        var (allowed, forbidden) = (List("in"), List("not_in"));
        var range = Range(lt, lte, gt, gte);
        return boxed =>
        {
            var value = convert(boxed, CultureInfo.InvariantCulture);
            if (constant is { } only && value != only) return $"value must equal {only}";
            if (!Inside(value, lt, lte, gt, gte)) return range;
            if (allowed.Length > 0 && !allowed.Contains(value)) return $"value must be in list [{string.Join(", ", allowed)}]";
            return forbidden.Contains(value) ? $"value must not be in list [{string.Join(", ", forbidden)}]" : null;
        };
    }

    private static bool Inside(T value, T? lt, T? lte, T? gt, T? gte)
    {
        var below = (lt is null || value < lt) && (lte is null || value <= lte);
        var above = (gt is null || value > gt) && (gte is null || value >= gte);
        // An upper bound below the lower bound asks for a value outside of both.
        return IsExclusive(lt ?? lte, gt ?? gte) ? below || above : below && above;
    }

    private static bool IsExclusive(T? upper, T? lower) => upper is not null && lower is not null && upper < lower;

    private static string Range(T? lt, T? lte, T? gt, T? gte)
    {
        var upper = lt ?? lte;
        var lower = gt ?? gte;
        if (upper is null) return gt is null ? $"value must be greater than or equal to {gte}" : $"value must be greater than {gt}";
        if (lower is null) return lt is null ? $"value must be less than or equal to {lte}" : $"value must be less than {lt}";
        var range = $"{(gt is null ? '[' : '(')}{lower}, {upper}{(lt is null ? ']' : ')')}";
        return IsExclusive(upper, lower) ? $"value must be outside range {range}" : $"value must be inside range {range}";
    }
}
