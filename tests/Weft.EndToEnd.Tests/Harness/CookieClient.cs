using System.Net;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>What a browser does with cookies and redirects, in the open: both can be looked at and tampered with. Cookies are kept by host and port; <c>secure</c> is not heeded.</summary>
internal sealed class CookieClient : IDisposable
{
    private const int MaxRedirects = 10;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { Timeout = Patience.Limit };
    private readonly Dictionary<string, Dictionary<string, string>> _cookies = [];

    /// <summary>Where redirects have led, in order.</summary>
    public List<Uri> Visited { get; } = [];

    /// <summary>The cookies for a host.</summary>
    public Dictionary<string, string> CookiesOf(Uri uri)
    {
        if (!_cookies.TryGetValue(uri.Authority, out var cookies))
            _cookies[uri.Authority] = cookies = [];
        return cookies;
    }

    /// <summary>One request.</summary>
    public async Task<HttpResponseMessage> GetAsync(Uri uri)
    {
        var cookies = CookiesOf(uri);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        if (cookies.Count > 0)
            request.Headers.TryAddWithoutValidation("cookie", string.Join("; ", cookies.Select(static cookie => $"{cookie.Key}={cookie.Value}")));
        var response = await _http.SendAsync(request);
        foreach (var cookie in response.Headers.TryGetValues("set-cookie", out var values) ? values : [])
            Keep(cookies, cookie);
        return response;
    }

    /// <summary>Follows redirects to the end.</summary>
    public async Task<HttpResponseMessage> BrowseAsync(Uri uri)
    {
        Visited.Clear();
        while (true)
        {
            Visited.Add(uri);
            var response = await GetAsync(uri);
            if (response.StatusCode != HttpStatusCode.Redirect)
                return response;
            Assert.True(Visited.Count <= MaxRedirects, string.Join('\n', Visited));
            uri = response.Headers.Location!;
            response.Dispose();
        }
    }

    public void Dispose() => _http.Dispose();

    private static void Keep(Dictionary<string, string> cookies, string set)
    {
        var pair = set.Split(';')[0].Split('=', 2);
        if (set.Contains("expires=Thu, 01 Jan 1970", StringComparison.Ordinal))
            cookies.Remove(pair[0]);
        else
            cookies[pair[0]] = pair[1];
    }
}
