using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.HttpFilters.Upstream;

/// <summary>
/// The filters that a request passes after its endpoint was picked: HttpProtocolOptions.http_filters of a cluster, or upstream_http_filters of a router.
/// Immutable, shared by all workers.
/// </summary>
internal sealed class UpstreamFilterChain
{
    private UpstreamFilterChain(HttpFilterFactory[] factories) => Factories = factories;

    /// <summary>In the order of travel, without the codec at the end.</summary>
    public HttpFilterFactory[] Factories { get; }

    /// <summary>Compiles; null when there are no filters besides the codec, or, with findings, when they cannot be made.</summary>
    /// <param name="chain">As written.</param>
    /// <param name="statPrefix">What names of their statistics begin with, for example <c>cluster.web.</c>.</param>
    /// <param name="context">The services.</param>
    public static UpstreamFilterChain? Create(HttpFilterChain chain, string statPrefix, FactoryContext context)
    {
        if (chain.Filters.Count == 0)
            return null;
        var factories = HttpFilterChainCompiler.Create(chain, statPrefix, context with { UpstreamFilterPrefix = statPrefix });
        return factories is null or { Length: 1 } ? null : new UpstreamFilterChain(factories[..^1]);
    }
}
