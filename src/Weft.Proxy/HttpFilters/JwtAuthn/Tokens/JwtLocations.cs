using Envoy.Extensions.Filters.Http.JwtAuthn.V3;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

/// <summary>Where the tokens of one or several providers stand, and which headers only this filter may set. Immutable; any thread.</summary>
internal sealed class JwtLocations
{
    private readonly JwtLocation[] _locations;
    private readonly HeaderName[] _own;

    public JwtLocations(IEnumerable<JwtProvider> providers)
    {
        // Sorted, so that the order of a request's tokens does not hang on the order of a map.
        var headers = new SortedDictionary<string, JwtLocation>(StringComparer.Ordinal);
        var parameters = new SortedDictionary<string, JwtLocation>(StringComparer.Ordinal);
        var cookies = new SortedDictionary<string, JwtLocation>(StringComparer.Ordinal);
        var own = new List<HeaderName>();
        foreach (var provider in providers)
        {
            foreach (var header in provider.FromHeaders)
                AddHeader(header.Name, header.ValuePrefix, provider.Issuer);
            foreach (var name in provider.FromParams)
                Of(parameters, name, () => new JwtLocation.Parameter(name)).Issuers.Add(provider.Issuer);
            foreach (var name in provider.FromCookies)
                Of(cookies, name, () => new JwtLocation.Cookie(name)).Issuers.Add(provider.Issuer);
            if (provider.FromHeaders.Count + provider.FromParams.Count + provider.FromCookies.Count == 0)
            {
                AddHeader("authorization", "Bearer ", provider.Issuer);
                Of(parameters, "access_token", () => new JwtLocation.Parameter("access_token")).Issuers.Add(provider.Issuer);
            }

            if (provider.ForwardPayloadHeader.Length > 0)
                own.Add(new HeaderName(provider.ForwardPayloadHeader));
            own.AddRange(provider.ClaimToHeaders.Select(static claim => new HeaderName(claim.HeaderName)));
        }

        _locations = [.. headers.Values, .. parameters.Values, .. cookies.Values];
        _own = [.. own];

        void AddHeader(string name, string prefix, string issuer)
            => Of(headers, name.ToLowerInvariant() + prefix, () => new JwtLocation.Header(name.ToLowerInvariant(), prefix)).Issuers.Add(issuer);
    }

    /// <summary>Adds the tokens of a request.</summary>
    public void Find(HeaderMap headers, List<FoundToken> found)
    {
        foreach (var location in _locations)
            location.Find(headers, found);
    }

    /// <summary>Removes what a client may not claim to have been verified.</summary>
    public void Sanitize(HeaderMap headers)
    {
        foreach (var name in _own)
            headers.Remove(name);
    }

    private static JwtLocation Of(SortedDictionary<string, JwtLocation> known, string key, Func<JwtLocation> make)
    {
        if (!known.TryGetValue(key, out var location))
            known[key] = location = make();
        return location;
    }
}
