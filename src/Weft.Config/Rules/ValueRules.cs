using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Validate;

namespace Weft.Config.Rules;

/// <summary>Compiles the rules of single values; one entry per kind of rule.</summary>
internal static class ValueRules
{
    /// <summary>The test for a value of the field; null when the rules ask for nothing.</summary>
    internal static ValueRule? Compile(FieldDescriptor field, FieldRules rules) => rules.TypeCase switch
    {
        FieldRules.TypeOneofCase.String => StringRule.Compile(rules.String),
        FieldRules.TypeOneofCase.Bytes => BytesRule.Compile(rules.Bytes),
        FieldRules.TypeOneofCase.Enum => CompileEnum(rules.Enum, field.EnumType),
        FieldRules.TypeOneofCase.Bool => CompileBool(rules.Bool),
        FieldRules.TypeOneofCase.Any => CompileAny(rules.Any),
        FieldRules.TypeOneofCase.Duration => TimeRule.Compile(rules.Duration),
        FieldRules.TypeOneofCase.Timestamp or FieldRules.TypeOneofCase.None => null,
        FieldRules.TypeOneofCase.Float => NumberRule<double>.Compile(rules.Float, Convert.ToDouble),
        FieldRules.TypeOneofCase.Double => NumberRule<double>.Compile(rules.Double, Convert.ToDouble),
        _ => NumberRule<decimal>.Compile(Numbers(rules), Convert.ToDecimal),
    };

    /// <summary>True when the rules let a default value pass.</summary>
    internal static bool IgnoresEmpty(FieldRules rules) => rules.TypeCase switch
    {
        FieldRules.TypeOneofCase.String => rules.String.IgnoreEmpty,
        FieldRules.TypeOneofCase.Bytes => rules.Bytes.IgnoreEmpty,
        FieldRules.TypeOneofCase.Float => rules.Float.IgnoreEmpty,
        FieldRules.TypeOneofCase.Double => rules.Double.IgnoreEmpty,
        _ => Numbers(rules) is { } numbers && (bool)numbers.Descriptor.FindFieldByName("ignore_empty").Accessor.GetValue(numbers),
    };

    // The integer kinds have messages of the same shape.
    private static IMessage? Numbers(FieldRules rules) => rules.TypeCase switch
    {
        FieldRules.TypeOneofCase.Int32 => rules.Int32,
        FieldRules.TypeOneofCase.Int64 => rules.Int64,
        FieldRules.TypeOneofCase.Uint32 => rules.Uint32,
        FieldRules.TypeOneofCase.Uint64 => rules.Uint64,
        FieldRules.TypeOneofCase.Sint32 => rules.Sint32,
        FieldRules.TypeOneofCase.Sint64 => rules.Sint64,
        FieldRules.TypeOneofCase.Fixed32 => rules.Fixed32,
        FieldRules.TypeOneofCase.Fixed64 => rules.Fixed64,
        FieldRules.TypeOneofCase.Sfixed32 => rules.Sfixed32,
        FieldRules.TypeOneofCase.Sfixed64 => rules.Sfixed64,
        _ => null,
    };

    private static ValueRule? CompileEnum(EnumRules rules, EnumDescriptor type)
    {
        var allowed = rules.In.ToHashSet();
        var forbidden = rules.NotIn.ToHashSet();
        return value =>
        {
            var number = Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture);
            if (rules.DefinedOnly && type.FindValueByNumber(number) is null) return "value must be one of the defined enum values";
            if (rules.HasConst && number != rules.Const) return $"value must equal {Name(type, rules.Const)}";
            if (allowed.Count > 0 && !allowed.Contains(number)) return $"value must be in list [{string.Join(", ", rules.In.Select(n => Name(type, n)))}]";
            return forbidden.Contains(number) ? $"value must not be in list [{string.Join(", ", rules.NotIn.Select(n => Name(type, n)))}]" : null;
        };
    }

    private static string Name(EnumDescriptor type, int number) => type.FindValueByNumber(number)?.Name ?? $"{number}";

    private static ValueRule? CompileBool(BoolRules rules)
        => rules.HasConst ? value => (bool)value == rules.Const ? null : $"value must equal {(rules.Const ? "true" : "false")}" : null;

    private static ValueRule CompileAny(AnyRules rules) => value =>
    {
        // The API puts such rules on other messages too (ExtensionConfigSource.config_source), for required alone.
        if (value is not Any { TypeUrl: var url }) return null;
        if (rules.In.Count > 0 && !rules.In.Contains(url)) return $"type URL must be in list [{string.Join(", ", rules.In)}]";
        return rules.NotIn.Contains(url) ? $"type URL must not be in list [{string.Join(", ", rules.NotIn)}]" : null;
    };
}
