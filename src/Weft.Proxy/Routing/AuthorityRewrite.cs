using System.Text;
using Weft.Http;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Routing;

/// <summary>What a route makes the host: host_rewrite_literal, host_rewrite_header or host_rewrite_path_regex. Immutable; any thread.</summary>
internal sealed class AuthorityRewrite
{
    private readonly byte[] _literal = [];
    private readonly HeaderName? _header;
    private readonly RegexRewrite? _pathRegex;

    public AuthorityRewrite(string literal) => _literal = Encoding.UTF8.GetBytes(literal);

    public AuthorityRewrite(HeaderName header) => _header = header;

    public AuthorityRewrite(RegexRewrite pathRegex) => _pathRegex = pathRegex;

    /// <summary>The new host; empty when the request says none. Valid until the map changes or the thread's next rewrite.</summary>
    public ReadOnlySpan<byte> NewHost(HeaderMap headers)
    {
        if (_header is { } name) return headers.Get(name);
        if (_pathRegex is null) return _literal;
        var output = MatchScratch.OfThread.Rewritten;
        output.Clear();
        _pathRegex.Replace(PathText.WithoutQuery(headers.Get(KnownHeader.Path)), output);
        return output.Written;
    }
}
