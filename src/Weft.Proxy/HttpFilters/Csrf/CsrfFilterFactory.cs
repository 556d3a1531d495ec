using Envoy.Extensions.Filters.Http.Csrf.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Csrf;

/// <summary>Makes filters against forged requests from other sites (envoy.filters.http.csrf).</summary>
internal sealed class CsrfFilterFactory : HttpFilterFactory
{
    public required CsrfPolicyConfig Policy { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public required Counter MissingSourceOrigin { get; init; }

    public required Counter RequestInvalid { get; init; }

    public required Counter RequestValid { get; init; }

    public static CsrfFilterFactory Create(string name, CsrfPolicy config, string statPrefix, FactoryContext context)
    {
        var scope = context.Stats.Scope($"http.{statPrefix}.csrf.");
        return new CsrfFilterFactory
        {
            Name = name,
            Policy = CsrfPolicyConfig.Create(config, context),
            Runtime = context.Runtime,
            MissingSourceOrigin = scope.Counter("missing_source_origin"),
            RequestInvalid = scope.Counter("request_invalid"),
            RequestValid = scope.Counter("request_valid"),
        };
    }

    public override HttpFilter Create(Worker worker) => new CsrfFilter(this, worker);
}
