using Envoy.Extensions.Filters.Http.HeaderMutation.V3;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.HttpFilters.HeaderMutation;

/// <summary>The changes that the filter or a route asks for. Immutable; any thread.</summary>
internal sealed class MutationsConfig : FilterRouteConfig
{
    private MutationsConfig(Mutations? config, FactoryContext context)
    {
        config ??= new Mutations();
        Request = MutationList.Create(config.RequestMutations, context.Config);
        Response = MutationList.Create(config.ResponseMutations, context.Config);
    }

    public MutationList Request { get; }

    public MutationList Response { get; }

    public static MutationsConfig Create(Mutations? config, FactoryContext context) => new(config, context);

    public static MutationsConfig OfRoute(HeaderMutationPerRoute config, FactoryContext context) => new(config.Mutations, context);
}
