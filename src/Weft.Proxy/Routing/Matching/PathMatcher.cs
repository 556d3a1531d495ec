using System.Text;

namespace Weft.Proxy.Routing.Matching;

/// <summary>How a route matches the path: one class per path_specifier of RouteMatch. Immutable; any thread.</summary>
internal abstract class PathMatcher
{
    /// <summary>What every matching path begins with, byte by byte; empty when nothing can be said: routes are indexed by it.</summary>
    public virtual ReadOnlyMemory<byte> Literal => default;

    /// <summary>Paths that match, whole sets of them; not always all.</summary>
    public virtual IEnumerable<PathExtent> Takes => [];

    /// <summary>A set that every matching path is in.</summary>
    public virtual PathExtent Within => PathExtent.Of(Literal.Span, isPrefix: true, ignoresCase: false);

    /// <summary>Of path_match_policy; null for the other ways to match.</summary>
    public UriTemplate? Template { get; private init; }

    /// <summary>Also matches a CONNECT request that has no path.</summary>
    public virtual bool MatchesWithoutPath => false;

    /// <param name="path">Without query and fragment.</param>
    /// <param name="isConnect">CONNECT, or an upgrade to connect-udp.</param>
    public abstract bool IsMatch(ReadOnlySpan<byte> path, bool isConnect);

    /// <summary>The length of the part of <paramref name="path"/> (without query) that prefix_rewrite replaces.</summary>
    public abstract int MatchedLength(ReadOnlySpan<byte> path);

    /// <summary>As configured, for a person: <c>prefix '/api'</c>.</summary>
    public abstract override string ToString();

    /// <summary>A prefix; most routes of large tables have the same.</summary>
    public static PathMatcher Prefix(string prefix, bool caseSensitive) => prefix == "/" ? s_any : caseSensitive ? new PrefixMatcher(Bytes(prefix)) : new PrefixIgnoringCase(Bytes(prefix));

    public static PathMatcher Exact(string path, bool caseSensitive) => caseSensitive ? new ExactMatcher(Bytes(path)) : new ExactIgnoringCase(Bytes(path));

    public static PathMatcher SeparatedPrefix(string prefix, bool caseSensitive) => new SeparatedPrefixMatcher(Bytes(prefix), caseSensitive);

    public static PathMatcher Regex(string pattern, StringMatcher regex) => new WholePathMatcher(regex, $"safe_regex '{pattern}'");

    public static PathMatcher OfTemplate(UriTemplate template, StringMatcher regex, string text) => new WholePathMatcher(regex, $"path_template '{text}'") { Template = template };

    public static readonly PathMatcher Connect = new ConnectMatcher();

    private static readonly PathMatcher s_any = new PrefixMatcher([(byte)'/']);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Quoted(string kind, byte[] text) => $"{kind} '{Encoding.UTF8.GetString(text)}'";

    private sealed class PrefixMatcher(byte[] prefix) : PathMatcher
    {
        public override string ToString() => Quoted("prefix", prefix);

        public override ReadOnlyMemory<byte> Literal => prefix;

        public override IEnumerable<PathExtent> Takes => [PathExtent.Of(prefix, isPrefix: true, ignoresCase: false)];

        public override bool IsMatch(ReadOnlySpan<byte> path, bool isConnect) => path.StartsWith(prefix);

        public override int MatchedLength(ReadOnlySpan<byte> path) => Math.Min(prefix.Length, path.Length);
    }

    private sealed class PrefixIgnoringCase(byte[] prefix) : PathMatcher
    {
        public override string ToString() => Quoted("prefix", prefix);

        public override IEnumerable<PathExtent> Takes => [Within];

        public override PathExtent Within => PathExtent.Of(prefix, isPrefix: true, ignoresCase: true);

        public override bool IsMatch(ReadOnlySpan<byte> path, bool isConnect) => AsciiBytes.StartsWithIgnoreCase(path, prefix);

        public override int MatchedLength(ReadOnlySpan<byte> path) => Math.Min(prefix.Length, path.Length);
    }

    private sealed class ExactMatcher(byte[] text) : PathMatcher
    {
        public override string ToString() => Quoted("path", text);

        public override IEnumerable<PathExtent> Takes => [Within];

        public override PathExtent Within => PathExtent.Of(text, isPrefix: false, ignoresCase: false);

        public override ReadOnlyMemory<byte> Literal => text;

        public override bool IsMatch(ReadOnlySpan<byte> path, bool isConnect) => path.SequenceEqual(text);

        public override int MatchedLength(ReadOnlySpan<byte> path) => Math.Min(text.Length, path.Length);
    }

    private sealed class ExactIgnoringCase(byte[] text) : PathMatcher
    {
        public override string ToString() => Quoted("path", text);

        public override IEnumerable<PathExtent> Takes => [Within];

        public override PathExtent Within => PathExtent.Of(text, isPrefix: false, ignoresCase: true);

        public override bool IsMatch(ReadOnlySpan<byte> path, bool isConnect) => AsciiBytes.EqualsIgnoreCase(path, text);

        public override int MatchedLength(ReadOnlySpan<byte> path) => Math.Min(text.Length, path.Length);
    }

    private sealed class SeparatedPrefixMatcher(byte[] prefix, bool caseSensitive) : PathMatcher
    {
        public override string ToString() => Quoted("path_separated_prefix", prefix);

        public override ReadOnlyMemory<byte> Literal => caseSensitive ? prefix : default;

        public override IEnumerable<PathExtent> Takes =>
            [PathExtent.Of([.. prefix, (byte)'/'], isPrefix: true, !caseSensitive), PathExtent.Of(prefix, isPrefix: false, !caseSensitive)];

        public override PathExtent Within => PathExtent.Of(prefix, isPrefix: true, !caseSensitive);

        public override bool IsMatch(ReadOnlySpan<byte> path, bool isConnect)
            => (caseSensitive ? path.StartsWith(prefix) : AsciiBytes.StartsWithIgnoreCase(path, prefix))
                && (path.Length == prefix.Length || path[prefix.Length] == '/');

        public override int MatchedLength(ReadOnlySpan<byte> path) => Math.Min(prefix.Length, path.Length);
    }

    private sealed class WholePathMatcher(StringMatcher regex, string text) : PathMatcher
    {
        public override string ToString() => text;

        public override ReadOnlyMemory<byte> Literal => regex is RegexMatcher expression ? expression.LiteralPrefix : default;

        public override IEnumerable<PathExtent> Takes => regex is RegexMatcher { Extent: { } extent } ? [extent] : [];

        public override bool IsMatch(ReadOnlySpan<byte> path, bool isConnect) => regex.IsMatch(path);

        public override int MatchedLength(ReadOnlySpan<byte> path) => path.Length;
    }

    private sealed class ConnectMatcher : PathMatcher
    {
        public override string ToString() => "connect_matcher";

        public override bool MatchesWithoutPath => true;

        public override bool IsMatch(ReadOnlySpan<byte> path, bool isConnect) => isConnect;

        public override int MatchedLength(ReadOnlySpan<byte> path) => path.Length;
    }
}
