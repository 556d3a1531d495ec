namespace Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

/// <summary>Whom a token must be for (aud). Immutable; any thread.</summary>
internal sealed class JwtAudiences(IEnumerable<string> audiences)
{
    private readonly HashSet<string> _audiences = new(audiences.Select(Bare), StringComparer.Ordinal);

    /// <summary>Without audiences every token is allowed.</summary>
    public bool Allow(IReadOnlyList<string> audiences) => _audiences.Count == 0 || audiences.Any(audience => _audiences.Contains(Bare(audience)));

    // A scheme and a slash at the end make no difference.
    private static string Bare(string audience)
    {
        var start = audience.StartsWith("http://", StringComparison.Ordinal) ? 7 : audience.StartsWith("https://", StringComparison.Ordinal) ? 8 : 0;
        return audience.EndsWith('/') && audience.Length > start ? audience[start..^1] : audience[start..];
    }
}
