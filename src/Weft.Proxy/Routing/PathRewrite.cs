using System.Text;
using Weft.Base.Buffers;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Routing;

/// <summary>prefix_rewrite or regex_rewrite, of a route or a redirect. The query stays. Immutable; any thread.</summary>
internal sealed class PathRewrite
{
    private readonly PathMatcher _matched;
    private readonly byte[] _prefix = [];
    private readonly RegexRewrite? _regex;

    /// <param name="prefix">Stands in for the part of the path that the route matched.</param>
    /// <param name="matched">What the route matches.</param>
    public PathRewrite(string prefix, PathMatcher matched)
    {
        _prefix = Encoding.UTF8.GetBytes(prefix);
        _matched = matched;
    }

    /// <param name="regex">Replaces within the whole path.</param>
    public PathRewrite(RegexRewrite regex)
    {
        _regex = regex;
        _matched = PathMatcher.Connect;
    }

    /// <summary>Appends the new path.</summary>
    /// <param name="path">The whole <c>:path</c>.</param>
    /// <param name="output">Not the path's own buffer.</param>
    public void Write(ReadOnlySpan<byte> path, ByteWriter output)
    {
        var withoutQuery = PathText.WithoutQuery(path);
        if (_regex is not null)
        {
            _regex.Replace(withoutQuery, output);
            output.Write(path[withoutQuery.Length..]);
            return;
        }

        output.Write(_prefix);
        output.Write(path[_matched.MatchedLength(withoutQuery)..]);
    }
}
