using Envoy.Extensions.Filters.Http.Buffer.V3;
using Weft.Proxy.Bootstrap;
using BufferMessage = Envoy.Extensions.Filters.Http.Buffer.V3.Buffer;

namespace Weft.Proxy.HttpFilters.Buffer;

/// <summary>How much of a request is collected before it goes on, for the filter or for a route. Immutable; any thread.</summary>
internal sealed class BufferConfig : FilterRouteConfig
{
    private BufferConfig(uint? maxRequestBytes) => MaxRequestBytes = (int)Math.Min(maxRequestBytes ?? 0, int.MaxValue);

    /// <summary>max_request_bytes: longer bodies get 413; 0: nothing is collected (disabled).</summary>
    public int MaxRequestBytes { get; }

    public static BufferConfig Of(BufferMessage config) => new(config.MaxRequestBytes);

    public static BufferConfig OfRoute(BufferPerRoute config, FactoryContext context)
        => new(config.OverrideCase == BufferPerRoute.OverrideOneofCase.Buffer ? config.Buffer.MaxRequestBytes : null);
}
