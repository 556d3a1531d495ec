using System.Text;
using Weft.Http.Urls;
using Weft.Proxy.HttpFilters.Router.InternalRedirects;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>What the authorization server sent a browser back with (RFC 6749 section 4.1.2), checked.</summary>
internal readonly ref struct Callback
{
    /// <summary>The code, as it is written in the query.</summary>
    public ReadOnlySpan<byte> Code { get; private init; }

    /// <summary>Where the user wanted to go.</summary>
    public byte[] Url { get; private init; }

    /// <summary>Null, or why the request is none that this browser's login has led to.</summary>
    /// <param name="path">With its query.</param>
    public static string? Read(ReadOnlySpan<byte> path, CookieSet cookies, FlowCookie nonce, FlowKey key, out Callback callback)
    {
        callback = default;
        if (QueryString.TryFind(path, "error"u8, out _)) return $"OAuth server returned an error: {DetailText.Of(Encoding.UTF8.GetBytes(new SortedQuery(path).ToString()))}";
        if (!QueryString.TryFind(path, "code"u8, out var code) || !QueryString.TryFind(path, "state"u8, out var state))
            return $"Code or state query param does not exist: {DetailText.Of(Encoding.UTF8.GetBytes(new SortedQuery(path).ToString()))}";
        if (FlowState.Read(state, out var url, out var csrfToken) is { } fault) return fault;
        var token = Encoding.UTF8.GetBytes(csrfToken);
        if (!cookies.Has(nonce.Name) || !cookies.Get(nonce.Name).SequenceEqual(token) || !CsrfToken.IsGenuine(key, token)) return "CSRF token validation failed";
        var address = Encoding.UTF8.GetBytes(url);
        if (!IsAddress(address)) return $"State url can not be initialized: {DetailText.Of(address)}";
        callback = new Callback { Code = code, Url = address };
        return null;
    }

    /// <summary>The path of <see cref="Url"/>, with its query.</summary>
    public ReadOnlySpan<byte> UrlPath => RedirectTarget.TryParse(Url, out var target) && !target.PathAndQuery.IsEmpty ? target.PathAndQuery : "/"u8;

    // Neither spaces nor control characters: it becomes a Location.
    private static bool IsAddress(ReadOnlySpan<byte> url) => RedirectTarget.TryParse(url, out _) && !url.ContainsAnyInRange((byte)0, (byte)' ') && !url.Contains((byte)127);
}
