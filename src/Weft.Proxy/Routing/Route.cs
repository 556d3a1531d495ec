using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Stats;
using Weft.Proxy.Tracing;

namespace Weft.Proxy.Routing;

/// <summary>One compiled route. Exactly one of <see cref="Forward"/>, <see cref="Redirect"/>, <see cref="DirectResponse"/> is set. Immutable.</summary>
/// <remarks>A route with weighted clusters is compiled into one <see cref="Route"/> per cluster; matching picks among them.</remarks>
public sealed class Route : IRouteTarget
{
    /// <summary>Route name for %ROUTE_NAME%; may be empty.</summary>
    public required string Name { get; init; }

    public required VirtualHost VirtualHost { get; init; }

    public ForwardAction? Forward { get; init; }

    public RedirectAction? Redirect { get; init; }

    public DirectResponseAction? DirectResponse { get; init; }

    /// <summary>Request header changes of weighted cluster, route, virtual host and table, in Envoy's order.</summary>
    public required HeaderMutations RequestHeaders { get; init; }

    /// <summary>stat_prefix: the route's requests are counted by themselves; null: they are not.</summary>
    internal RequestGroupStats? Stats { get; init; }

    /// <summary>tracing and decorator; null when there is neither.</summary>
    public RouteTracing? Tracing { get; init; }

    public required HeaderMutations ResponseHeaders { get; init; }

    /// <summary>metadata, as written; null when there is none.</summary>
    internal Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    /// <summary>typed_per_filter_config of weighted cluster, route, virtual host and table; null when there is none.</summary>
    public RouteFilters? Filters { get; init; }

    IEnumerable<(Route Route, uint Weight)> IRouteTarget.Variants => [(this, 1)];

    Route IRouteTarget.Pick(in RouteRequest request) => this;

    /// <summary>A text of the route's metadata; null when there is none there. Any thread.</summary>
    internal string? MetadataText(string @namespace, ReadOnlySpan<string> path)
    {
        if (Metadata is null || !Metadata.FilterMetadata.TryGetValue(@namespace, out var fields)) return null;
        Value? value = null;
        foreach (var key in path)
        {
            if (fields is null || !fields.Fields.TryGetValue(key, out value)) return null;
            fields = value.StructValue;
        }

        return value?.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : null;
    }
}
