using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using CorsMessage = Envoy.Extensions.Filters.Http.Cors.V3.Cors;

namespace Weft.Proxy.HttpFilters.Cors;

/// <summary>Makes filters that answer and mark cross-origin requests (envoy.filters.http.cors).</summary>
internal sealed class CorsFilterFactory : HttpFilterFactory
{
    public required RuntimeLayers Runtime { get; init; }

    public required Counter OriginValid { get; init; }

    public required Counter OriginInvalid { get; init; }

    public static CorsFilterFactory Create(string name, CorsMessage config, string statPrefix, FactoryContext context)
    {
        var scope = context.Stats.Scope($"http.{statPrefix}.cors.");
        return new CorsFilterFactory
        {
            Name = name,
            Runtime = context.Runtime,
            OriginValid = scope.Counter("origin_valid"),
            OriginInvalid = scope.Counter("origin_invalid"),
        };
    }

    public override HttpFilter Create(Worker worker) => new CorsFilter(this, worker);
}
