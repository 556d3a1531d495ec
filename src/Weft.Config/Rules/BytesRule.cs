using Google.Protobuf;
using Validate;

namespace Weft.Config.Rules;

/// <summary>Tests bytes: length and content.</summary>
internal static class BytesRule
{
    internal static ValueRule Compile(BytesRules rules) => value =>
    {
        var bytes = (ByteString)value;
        if (Length((ulong)bytes.Length, rules) is { } wrong) return wrong;
        if (rules.HasConst && !bytes.Equals(rules.Const)) return "value must equal the given bytes";
        if (rules.HasPrefix && !bytes.Span.StartsWith(rules.Prefix.Span)) return "value does not have the given prefix";
        if (rules.HasSuffix && !bytes.Span.EndsWith(rules.Suffix.Span)) return "value does not have the given suffix";
        if (rules.HasContains && bytes.Span.IndexOf(rules.Contains.Span) < 0) return "value does not contain the given bytes";
        if (rules.In.Count > 0 && !rules.In.Contains(bytes)) return "value must be in the given list";
        return rules.NotIn.Contains(bytes) ? "value must not be in the given list" : null;
    };

    private static string? Length(ulong length, BytesRules rules)
    {
        if (rules.HasLen && length != rules.Len) return $"value length must be {rules.Len} bytes";
        if (rules.HasMinLen && length < rules.MinLen) return $"value length must be at least {rules.MinLen} bytes";
        return rules.HasMaxLen && length > rules.MaxLen ? $"value length must be at most {rules.MaxLen} bytes" : null;
    }
}
