using System.Text;
using Weft.Http;
using Weft.Http.Urls;
using Weft.Proxy.Routing.HashPolicies;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

/// <summary>A place of a request where tokens stand: a header, a query parameter, a cookie. Immutable; any thread.</summary>
internal abstract class JwtLocation
{
    /// <summary>Whose tokens may stand here.</summary>
    public JwtIssuers Issuers { get; } = new();

    /// <summary>Adds the tokens that stand here.</summary>
    public abstract void Find(HeaderMap headers, List<FoundToken> found);

    /// <summary>Takes the tokens out of the request.</summary>
    public abstract void Remove(HeaderMap headers);

    /// <summary>from_headers: behind a prefix, for example <c>Bearer </c>.</summary>
    internal sealed class Header(string name, string prefix) : JwtLocation
    {
        // Base64url (RFC 4648 section 5) and the dots between the three parts.
        private static readonly System.Buffers.SearchValues<byte> s_tokenBytes = System.Buffers.SearchValues.Create(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

        private readonly HeaderName _name = new(name);
        private readonly byte[] _prefix = Encoding.UTF8.GetBytes(prefix);

        public override void Find(HeaderMap headers, List<FoundToken> found)
        {
            for (var i = headers.IndexOf(_name); i >= 0; i = headers.IndexOf(_name, i + 1))
            {
                var value = headers.ValueAt(i);
                var at = value.IndexOf(_prefix);
                if (at < 0)
                    continue;
                var rest = value[(at + _prefix.Length)..];
                var start = _prefix.Length == 0 ? 0 : rest.IndexOfAny(s_tokenBytes);
                found.Add(new FoundToken(start < 0 ? value.ToArray() : rest[start..].ToArray(), this));
            }
        }

        public override void Remove(HeaderMap headers) => headers.Remove(_name);
    }

    /// <summary>from_params.</summary>
    internal sealed class Parameter(string name) : JwtLocation
    {
        private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

        public override void Find(HeaderMap headers, List<FoundToken> found)
        {
            if (QueryString.TryFind(headers.Get(KnownHeader.Path), _name, out var value))
                found.Add(new FoundToken(value.ToArray(), this));
        }

        public override void Remove(HeaderMap headers) => QueryString.Remove(headers, _name);
    }

    /// <summary>from_cookies. As in Envoy, the cookie stays in the request.</summary>
    internal sealed class Cookie(string name) : JwtLocation
    {
        private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

        public override void Find(HeaderMap headers, List<FoundToken> found)
        {
            var value = RequestCookies.Find(headers, _name);
            if (!value.IsEmpty)
                found.Add(new FoundToken(value.ToArray(), this));
        }

        public override void Remove(HeaderMap headers)
        {
        }
    }
}

/// <summary>A token of a request.</summary>
internal readonly record struct FoundToken(byte[] Text, JwtLocation Location);
