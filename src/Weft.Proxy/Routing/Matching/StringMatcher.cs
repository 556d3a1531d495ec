using System.Text;
using Weft.Config;
using XdsMessage = Xds.Type.Matcher.V3.StringMatcher;
using PatternCase = Envoy.Type.Matcher.V3.StringMatcher.MatchPatternOneofCase;

namespace Weft.Proxy.Routing.Matching;

/// <summary>A compiled StringMatcher: exact, prefix, suffix, contains, safe_regex. Immutable; matching allocates nothing; any thread.</summary>
public abstract class StringMatcher
{
    public abstract bool IsMatch(ReadOnlySpan<byte> value);

    /// <summary>Compiles; a fault is reported in the context and yields a matcher that never matches.</summary>
    public static StringMatcher Create(Envoy.Type.Matcher.V3.StringMatcher config, ConfigContext context)
    {
        switch (config.MatchPatternCase)
        {
            case PatternCase.Exact:
                return Exact(config.Exact, config.IgnoreCase);
            case PatternCase.Prefix:
                return Prefix(config.Prefix, config.IgnoreCase);
            case PatternCase.Suffix:
                return Suffix(config.Suffix, config.IgnoreCase);
            case PatternCase.Contains:
                return Contains(config.Contains, config.IgnoreCase);
            case PatternCase.SafeRegex:
                if (config.IgnoreCase) context.Error(config, "ignore_case", "ignore_case has no effect for safe_regex.");
                return RegexMatcher.Create(config.SafeRegex, context);
            case PatternCase.Custom:
                context.Error(config, "custom", "not implemented: custom string matchers");
                return Never;
            default:
                context.Error(config, null, "Configuration must define a matcher");
                return Never;
        }
    }

    /// <summary>The same for the message of the xDS API.</summary>
    internal static StringMatcher Create(XdsMessage config, ConfigContext context)
    {
        switch (config.MatchPatternCase)
        {
            case XdsMessage.MatchPatternOneofCase.Exact:
                return Exact(config.Exact, config.IgnoreCase);
            case XdsMessage.MatchPatternOneofCase.Prefix:
                return Prefix(config.Prefix, config.IgnoreCase);
            case XdsMessage.MatchPatternOneofCase.Suffix:
                return Suffix(config.Suffix, config.IgnoreCase);
            case XdsMessage.MatchPatternOneofCase.Contains:
                return Contains(config.Contains, config.IgnoreCase);
            case XdsMessage.MatchPatternOneofCase.SafeRegex:
                if (config.IgnoreCase) context.Error(config, "ignore_case", "ignore_case has no effect for safe_regex.");
                return RegexMatcher.Create(config.SafeRegex, config.SafeRegex.Regex, context);
            default:
                return Never; // The API's own rules report it.
        }
    }

    internal static readonly StringMatcher Never = new NeverMatcher();

    internal static StringMatcher Exact(string text, bool ignoreCase = false)
        => ignoreCase ? new ExactIgnoringCase(Bytes(text)) : new ExactMatcher(Bytes(text));

    internal static StringMatcher Prefix(string text, bool ignoreCase = false)
        => ignoreCase ? new PrefixIgnoringCase(Bytes(text)) : new PrefixMatcher(Bytes(text));

    internal static StringMatcher Suffix(string text, bool ignoreCase = false)
        => ignoreCase ? new SuffixIgnoringCase(Bytes(text)) : new SuffixMatcher(Bytes(text));

    internal static StringMatcher Contains(string text, bool ignoreCase = false)
        => ignoreCase ? new ContainsIgnoringCase(Bytes(text)) : new ContainsMatcher(Bytes(text));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private sealed class NeverMatcher : StringMatcher
    {
        public override bool IsMatch(ReadOnlySpan<byte> value) => false;
    }

    private sealed class ExactMatcher(byte[] text) : StringMatcher
    {
        public override bool IsMatch(ReadOnlySpan<byte> value) => value.SequenceEqual(text);
    }

    private sealed class ExactIgnoringCase(byte[] text) : StringMatcher
    {
        public override bool IsMatch(ReadOnlySpan<byte> value) => AsciiBytes.EqualsIgnoreCase(value, text);
    }

    private sealed class PrefixMatcher(byte[] text) : StringMatcher
    {
        public override bool IsMatch(ReadOnlySpan<byte> value) => value.StartsWith(text);
    }

    private sealed class PrefixIgnoringCase(byte[] text) : StringMatcher
    {
        public override bool IsMatch(ReadOnlySpan<byte> value) => AsciiBytes.StartsWithIgnoreCase(value, text);
    }

    private sealed class SuffixMatcher(byte[] text) : StringMatcher
    {
        public override bool IsMatch(ReadOnlySpan<byte> value) => value.EndsWith(text);
    }

    private sealed class SuffixIgnoringCase(byte[] text) : StringMatcher
    {
        public override bool IsMatch(ReadOnlySpan<byte> value) => AsciiBytes.EndsWithIgnoreCase(value, text);
    }

    private sealed class ContainsMatcher(byte[] text) : StringMatcher
    {
        public override bool IsMatch(ReadOnlySpan<byte> value) => value.IndexOf(text) >= 0;
    }

    private sealed class ContainsIgnoringCase(byte[] text) : StringMatcher
    {
        public override bool IsMatch(ReadOnlySpan<byte> value) => AsciiBytes.ContainsIgnoreCase(value, text);
    }
}
