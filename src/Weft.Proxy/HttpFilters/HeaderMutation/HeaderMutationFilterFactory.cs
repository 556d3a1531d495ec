using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using HeaderMutationMessage = Envoy.Extensions.Filters.Http.HeaderMutation.V3.HeaderMutation;

namespace Weft.Proxy.HttpFilters.HeaderMutation;

/// <summary>Makes filters that change headers (envoy.filters.http.header_mutation).</summary>
internal sealed class HeaderMutationFilterFactory : HttpFilterFactory
{
    public required MutationsConfig Mutations { get; init; }

    /// <summary>most_specific_header_mutations_wins: the route's changes come last instead of first.</summary>
    public bool MostSpecificWins { get; init; }

    public static HeaderMutationFilterFactory Create(string name, HeaderMutationMessage config, string statPrefix, FactoryContext context) => new()
    {
        Name = name,
        Mutations = MutationsConfig.Create(config.Mutations, context),
        MostSpecificWins = config.MostSpecificHeaderMutationsWins,
    };

    public override HttpFilter Create(Worker worker) => new HeaderMutationFilter(this);
}
