using System.Text;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Message = Envoy.Extensions.Filters.Http.DynamicForwardProxy.V3.PerRouteConfig;

namespace Weft.Proxy.HttpFilters.DynamicForwardProxy;

/// <summary>What a route says to the filter: which host is looked up, and asked, in place of the request's. Immutable.</summary>
internal sealed class HostRewriteRouteConfig : FilterRouteConfig
{
    private readonly byte[] _literal;
    private readonly HeaderName? _header;

    private HostRewriteRouteConfig(Message config)
    {
        _literal = Encoding.UTF8.GetBytes(config.HostRewriteLiteral);
        _header = config.HostRewriteHeader.Length > 0 ? new HeaderName(config.HostRewriteHeader.ToLowerInvariant()) : null;
    }

    public static HostRewriteRouteConfig Create(Message config, FactoryContext context) => new(config);

    public void Apply(HeaderMap headers)
    {
        if (_literal.Length > 0)
            headers.Set(KnownHeader.Authority, _literal);
        // Anybody may have sent the header: only its first value counts.
        if (_header is { } name && headers.TryGet(name, out var host))
            headers.Set(KnownHeader.Authority, host);
    }
}
