using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Http.CustomResponse.V3.CustomResponse;

namespace Weft.Proxy.HttpFilters.CustomResponse;

/// <summary>Makes filters that replace responses (envoy.filters.http.custom_response).</summary>
internal sealed class CustomResponseFilterFactory : HttpFilterFactory
{
    public required CustomResponseConfig Config { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public static CustomResponseFilterFactory Create(string name, Message config, string statPrefix, FactoryContext context) => new()
    {
        Name = name,
        Config = CustomResponseConfig.Create(config, context.HttpFilterPrefix(statPrefix), context),
        Runtime = context.Runtime,
    };

    public override HttpFilter Create(Worker worker) => new CustomResponseFilter(this, worker);
}
