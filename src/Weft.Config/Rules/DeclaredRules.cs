using System.Collections;
using Google.Protobuf.Reflection;
using Validate;
using Weft.Api;

namespace Weft.Config.Rules;

/// <summary>Tests one value; null when it is right, else what is wrong with it ("value must be greater than 0").</summary>
internal delegate string? ValueRule(object value);

/// <summary>The validation rules the API declares for a field (option validate.rules), compiled. Immutable.</summary>
internal sealed class DeclaredRules
{
    private DeclaredRules(FieldDescriptor field, FieldRules rules)
    {
        Required = (rules.Message?.Required ?? false) || RequiredByType(rules);
        Skip = rules.Message?.Skip ?? false;
        switch (rules.TypeCase)
        {
            case FieldRules.TypeOneofCase.Repeated: Repeated = new RepeatedRule(field, rules.Repeated); break;
            case FieldRules.TypeOneofCase.Map: Map = new MapRule(field, rules.Map); break;
            default: Value = ValueRules.Compile(field, rules); break;
        }

        IgnoreEmpty = ValueRules.IgnoresEmpty(rules);
    }

    /// <summary>A message field must be present.</summary>
    internal bool Required { get; }

    /// <summary>The rules inside of the message are not to be looked at.</summary>
    internal bool Skip { get; }

    /// <summary>A default value passes without a test.</summary>
    internal bool IgnoreEmpty { get; }

    /// <summary>The test of a singular value; null when there is none.</summary>
    internal ValueRule? Value { get; }

    internal RepeatedRule? Repeated { get; }
    internal MapRule? Map { get; }

    /// <summary>What is wrong when the field is not set: what it holds then may be forbidden; null: nothing.</summary>
    internal string? FaultWhenUnset(FieldDescriptor field)
    {
        if (Repeated is not null) return Repeated.Check(Array.Empty<object>());
        if (Map is not null) return Map.Check(new Hashtable());
        if (field.IsRepeated) return null;
        // An unset member of a oneof is no fault of its own: the oneof may be required.
        if (field.HasPresence) return Required && field.RealContainingOneof is null ? "value is required" : null;
        return IgnoreEmpty || Value is null ? null : Value(field.Accessor.GetValue(ApiMessages.New(field.ContainingType)));
    }

    /// <summary>The rules of a field; null when it has none.</summary>
    internal static DeclaredRules? Of(FieldDescriptor field, FieldOptions options)
        => options.GetExtension(ValidateExtensions.Rules) is { } rules ? new DeclaredRules(field, rules) : null;

    /// <summary>The rules of elements, keys or values, which stand inside of the rules of their field.</summary>
    internal static DeclaredRules? Inner(FieldDescriptor field, FieldRules? rules)
        => rules is null ? null : new DeclaredRules(field, rules);

    private static bool RequiredByType(FieldRules rules) => rules.TypeCase switch
    {
        FieldRules.TypeOneofCase.Any => rules.Any.Required,
        FieldRules.TypeOneofCase.Duration => rules.Duration.Required,
        FieldRules.TypeOneofCase.Timestamp => rules.Timestamp.Required,
        _ => false,
    };
}

/// <summary>The rules of a repeated field.</summary>
internal sealed class RepeatedRule(FieldDescriptor field, RepeatedRules rules)
{
    /// <summary>The rules of each element.</summary>
    internal DeclaredRules? Items { get; } = DeclaredRules.Inner(field, rules.Items);

    /// <summary>What is wrong with the list as such.</summary>
    internal string? Check(System.Collections.IList list)
    {
        if (rules.IgnoreEmpty && list.Count == 0) return null;
        if (Sizes.Check(list.Count, rules.HasMinItems ? rules.MinItems : null, rules.HasMaxItems ? rules.MaxItems : null, "item(s)") is { } wrong)
            return wrong;
        return rules.Unique && list.Cast<object>().Distinct().Count() < list.Count ? "repeated value must contain unique items" : null;
    }
}

/// <summary>The rules of a map field.</summary>
internal sealed class MapRule(FieldDescriptor field, MapRules rules)
{
    internal DeclaredRules? Keys { get; } = DeclaredRules.Inner(field.MessageType.FindFieldByNumber(1), rules.Keys);

    internal DeclaredRules? Values { get; } = DeclaredRules.Inner(field.MessageType.FindFieldByNumber(2), rules.Values);

    /// <summary>What is wrong with the map as such.</summary>
    internal string? Check(System.Collections.IDictionary map)
    {
        if (rules.IgnoreEmpty && map.Count == 0) return null;
        return Sizes.Check(map.Count, rules.HasMinPairs ? rules.MinPairs : null, rules.HasMaxPairs ? rules.MaxPairs : null, "pair(s)");
    }
}

/// <summary>The wording for a list or a map of the wrong size.</summary>
internal static class Sizes
{
    internal static string? Check(int count, ulong? least, ulong? most, string what)
    {
        if ((least is null || (ulong)count >= least) && (most is null || (ulong)count <= most)) return null;
        if (least is null) return $"value must contain no more than {most} {what}";
        if (most is null) return $"value must contain at least {least} {what}";
        return least == most ? $"value must contain exactly {least} {what}" : $"value must contain between {least} and {most} {what}, inclusive";
    }
}
