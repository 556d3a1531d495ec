using System.Text;
using Envoy.Config.Route.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Router;
using Weft.Proxy.Routing.ClusterSpecifiers;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Stats;
using Weft.Proxy.Tracing;
using ActionCase = Envoy.Config.Route.V3.Route.ActionOneofCase;
using RouteMessage = Envoy.Config.Route.V3.Route;
using WeightMessage = Envoy.Config.Route.V3.WeightedCluster.Types.ClusterWeight;

namespace Weft.Proxy.Routing;

/// <summary>The routes of one virtual host: what matches, and which actions in which variants. Main thread.</summary>
internal sealed class RouteCompiler(RouteConfiguration table, VirtualHost host, FactoryContext context, List<ReferencedCluster> clusters)
{
    /// <summary>What a route itself says about headers and filters.</summary>
    private sealed record RouteLevel(MutationLevels Headers, FilterConfigLevel? Filters);

    public required ClusterSpecifierCompiler Specifiers { get; init; }

    public required HostPolicies HostPolicies { get; init; }

    public required MutationLevels TableLevels { get; init; }

    public required MutationLevels HostLevels { get; init; }

    /// <summary>Of the connection manager; null when the table is compiled for none.</summary>
    public required IReadOnlyList<HttpFilterFactory>? Filters { get; init; }

    public required FilterConfigLevel? TableFilters { get; init; }

    public required FilterConfigLevel? HostFilters { get; init; }

    /// <summary>Null, with reported faults, when there is nothing to match or to do.</summary>
    public RouteEntry? Compile(RouteMessage route, int index)
    {
        if (route.Match is null) return null; // The API's own rules report it.
        if (PathMatcherCompiler.Compile(route.Match, context.Config) is not { } path) return null;
        var conditions = RouteConditions.Create(route.Match, context.Config);
        return CompileTarget(route, path) is { } target ? new RouteEntry(OriginOf(route, index), path, conditions, target) : null;
    }

    private RouteOrigin OriginOf(RouteMessage route, int index) => new(index, route.Name, context.Config.Origins.PositionOf(route)?.ToString() ?? "");

    private IRouteTarget? CompileTarget(RouteMessage route, PathMatcher path)
    {
        var own = new RouteLevel(MutationLevels.Of(route, context.Config), FilterConfigLevel.Create(route.TypedPerFilterConfig, route, Filters, context));
        switch (route.ActionCase)
        {
            case ActionCase.Route_ when route.Route_.ClusterSpecifierCase == RouteAction.ClusterSpecifierOneofCase.WeightedClusters:
                return CompileWeighted(route, own, path);
            case ActionCase.Route_:
                var forward = ForwardActions(route, path).Compile();
                return forward is null ? null : Build(route, own, forward, null);
            case ActionCase.Redirect:
                return Build(route, own, null, null, redirect: RedirectCompiler.Compile(route.Redirect, path, context.Config));
            case ActionCase.DirectResponse:
                return Build(route, own, null, null, direct: CompileDirectResponse(route.DirectResponse));
            case ActionCase.NonForwardingAction:
                return Build(route, own, new ForwardAction(), null); // For filters that answer: the router finds no cluster.
            case ActionCase.None:
                return null; // The API's own rules report it.
            default:
                context.Config.Error(route, null, $"not implemented: route action {route.ActionCase}");
                return null;
        }
    }

    private ForwardActionCompiler ForwardActions(RouteMessage route, PathMatcher path) =>
        new(route.Route_, RoutePolicies.Create(route, HostPolicies, context, clusters), path, host, Specifiers, context, clusters);

    private WeightedRoutes? CompileWeighted(RouteMessage route, RouteLevel own, PathMatcher path)
    {
        var weighted = route.Route_.WeightedClusters;
        var actions = ForwardActions(route, path);
        var variants = new List<(Route, uint, string)>(weighted.Clusters.Count);
        ulong total = 0;
        foreach (var cluster in weighted.Clusters)
        {
            var weight = cluster.Weight ?? 0;
            total += weight;
            if (actions.Compile(cluster) is { } forward)
                variants.Add((Build(route, own, forward, cluster), weight, $"{weighted.RuntimeKeyPrefix}.{cluster.Name}"));
        }

        if (total > uint.MaxValue)
            context.Config.Error(weighted, "clusters", $"The sum of weights of all weighted clusters of route {route.Name} exceeds {uint.MaxValue}");
        if (total == 0)
            context.Config.Error(weighted, "clusters", "Sum of weights in the weighted_cluster must be greater than 0.");
        return variants.Count == 0 ? null : new WeightedRoutes([.. variants], weighted.RuntimeKeyPrefix.Length > 0)
        {
            RandomValueHeader = weighted.HeaderName.Length > 0 ? new HeaderName(weighted.HeaderName) : null,
            Hash = weighted.UseHashPolicy ?? false ? actions.HashPolicy : null,
        };
    }

    private Route Build(RouteMessage route, RouteLevel own, ForwardAction? forward, WeightMessage? cluster, RedirectAction? redirect = null, DirectResponseAction? direct = null)
    {
        var weighted = cluster is null ? null : MutationLevels.Of(cluster, context.Config);
        var ofCluster = cluster is null ? null : FilterConfigLevel.Create(cluster.TypedPerFilterConfig, cluster, Filters, context);
        return new Route
        {
            Name = route.Name,
            VirtualHost = host,
            Forward = forward,
            Redirect = redirect,
            DirectResponse = direct,
            Stats = route.StatPrefix.Length > 0 ? RequestGroupStats.OfRoute(context.Stats, host.Name, route.StatPrefix) : null,
            Metadata = route.Metadata,
            Tracing = RouteTracing.Create(route, context.Config),
            RequestHeaders = InOrder(weighted?.Request, own.Headers.Request, HostLevels.Request, TableLevels.Request),
            ResponseHeaders = InOrder(weighted?.Response, own.Headers.Response, HostLevels.Response, TableLevels.Response),
            Filters = RouteFilters.Create(Filters, ofCluster, own.Filters, HostFilters, TableFilters),
        };
    }

    /// <summary>What is applied last wins: the table, or with most_specific_header_mutations_wins the route. The weighted cluster is always first.</summary>
    private HeaderMutations InOrder(HeaderMutationLevel? weighted, HeaderMutationLevel? own, HeaderMutationLevel? ofHost, HeaderMutationLevel? ofTable)
        => table.MostSpecificHeaderMutationsWins
            ? HeaderMutations.Of(weighted, ofTable, ofHost, own)
            : HeaderMutations.Of(weighted, own, ofHost, ofTable);

    private DirectResponseAction CompileDirectResponse(Envoy.Config.Route.V3.DirectResponseAction config)
    {
        var limit = table.MaxDirectResponseBodySizeBytes ?? 4096;
        var body = config.Body is null ? [] : DataSourceReader.Read(config.Body, limit, context.Config);
        var format = config.BodyFormat is null ? null : SubstitutionFormat.Parse(config.BodyFormat, context.Config);
        return new DirectResponseAction { Status = (int)config.Status, Body = body ?? [], BodyFormat = format, ContentType = Encoding.ASCII.GetBytes(format?.ContentType ?? "") };
    }
}
