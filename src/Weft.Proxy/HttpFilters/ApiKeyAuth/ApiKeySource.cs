using System.Text;
using Envoy.Extensions.Filters.Http.ApiKeyAuth.V3;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Http.Urls;
using Weft.Proxy.Routing.HashPolicies;

namespace Weft.Proxy.HttpFilters.ApiKeyAuth;

/// <summary>A place of a request where its key stands: a header, a query parameter or a cookie. Immutable; any thread.</summary>
internal abstract class ApiKeySource
{
    /// <summary>What stands there; empty when nothing does.</summary>
    /// <param name="decoded">What is to be decoded is written here.</param>
    public abstract ReadOnlySpan<byte> Find(HeaderMap headers, ByteWriter decoded);

    /// <summary>Takes it out of the request.</summary>
    public abstract void Remove(HeaderMap headers);

    /// <summary>Null, with a fault, when it names none. A header goes before a parameter, and that before a cookie.</summary>
    public static ApiKeySource? Create(KeySource config, ConfigContext context)
    {
        if (config.Header.Length > 0) return new Header(config.Header);
        if (config.Query.Length > 0) return new Parameter(config.Query);
        if (config.Cookie.Length > 0) return new Cookie(config.Cookie);
        context.Error(config, null, "One of 'header'/'query'/'cookie' must be set.");
        return null;
    }

    /// <summary>The first header of the name, without <c>Bearer </c> in front.</summary>
    private sealed class Header(string name) : ApiKeySource
    {
        private readonly HeaderName _name = new(name);

        public override ReadOnlySpan<byte> Find(HeaderMap headers, ByteWriter decoded)
        {
            var index = headers.IndexOf(_name);
            if (index < 0) return default;
            var value = headers.ValueAt(index);
            return value.StartsWith("Bearer "u8) ? value["Bearer "u8.Length..] : value;
        }

        public override void Remove(HeaderMap headers) => headers.Remove(_name);
    }

    /// <summary>The first query parameter of the name, decoded.</summary>
    private sealed class Parameter(string name) : ApiKeySource
    {
        private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

        public override ReadOnlySpan<byte> Find(HeaderMap headers, ByteWriter decoded)
        {
            if (!QueryString.TryFind(headers.Get(KnownHeader.Path), _name, out var value)) return default;
            decoded.Clear();
            decoded.Advance(PercentEncoding.Decode(value, decoded.GetSpan(value.Length)));
            return decoded.Written;
        }

        public override void Remove(HeaderMap headers) => QueryString.Remove(headers, _name);
    }

    /// <summary>The first cookie of the name.</summary>
    private sealed class Cookie(string name) : ApiKeySource
    {
        private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

        public override ReadOnlySpan<byte> Find(HeaderMap headers, ByteWriter decoded) => RequestCookies.Find(headers, _name);

        public override void Remove(HeaderMap headers) => RequestCookies.Remove(headers, _name);
    }
}
