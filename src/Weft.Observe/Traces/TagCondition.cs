using System.Globalization;

namespace Weft.Observe.Traces;

/// <summary>How the value of a tag is compared.</summary>
internal enum TagOperator : byte { Present, Equal, Different, Contains, AtLeast, AtMost, Above, Below }

/// <summary>What is asked of a tag, or of an annotation by its text alone. Immutable.</summary>
internal sealed record TagCondition(string Key, TagOperator Operator, string Value)
{
    private static readonly (string Text, TagOperator Operator)[] s_operators =
    [
        ("!=", TagOperator.Different), (">=", TagOperator.AtLeast), ("<=", TagOperator.AtMost), ("=", TagOperator.Equal), ("~", TagOperator.Contains), (">", TagOperator.Above), ("<", TagOperator.Below),
    ];

    /// <summary>As Zipkin's API writes it: <c>key</c> or <c>key=value</c>, whatever the value holds.</summary>
    public static TagCondition OfZipkin(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? new TagCondition(text[..equals], TagOperator.Equal, text[(equals + 1)..]) : new TagCondition(text, TagOperator.Present, "");
    }

    /// <summary>As the page has it: <c>key</c>, <c>key=value</c>, <c>key!=value</c>, <c>key~part</c>, and <c>&gt;= &lt;= &gt; &lt;</c> with numbers.</summary>
    public static TagCondition Parse(string text)
    {
        for (var at = 1; at < text.Length; at++)
        {
            foreach (var (written, meant) in s_operators)
            {
                if (text.AsSpan(at).StartsWith(written))
                    return new TagCondition(text[..at].Trim(), meant, text[(at + written.Length)..].Trim());
            }
        }

        return new TagCondition(text, TagOperator.Present, "");
    }

    /// <summary>Several of them, with "and" between.</summary>
    public static IReadOnlyList<TagCondition> All(string? text, Func<string, TagCondition> parse) =>
        [.. (text ?? "").Split(" and ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(parse)];

    public bool IsTrueOf(SpanRecord span)
    {
        if (span.Tag(Key) is not { } value)
            return Operator == TagOperator.Present && span.Annotations.Any(annotation => annotation.Value == Key);
        return Operator switch
        {
            TagOperator.Present => true,
            TagOperator.Equal => value == Value,
            TagOperator.Different => value != Value,
            TagOperator.Contains => value.Contains(Value, StringComparison.OrdinalIgnoreCase),
            _ => Compares(value),
        };
    }

    private bool Compares(string value)
    {
        if (!double.TryParse(value, CultureInfo.InvariantCulture, out var said) || !double.TryParse(Value, CultureInfo.InvariantCulture, out var wanted))
            return false;
        return Operator switch
        {
            TagOperator.AtLeast => said >= wanted,
            TagOperator.AtMost => said <= wanted,
            TagOperator.Above => said > wanted,
            _ => said < wanted,
        };
    }
}
