using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Support;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using HttpFilterFactory = Weft.Proxy.HttpFilters.HttpFilterFactory;

namespace Weft.Proxy.Routing;

/// <summary>The typed_per_filter_config of one message (table, virtual host, route, weighted cluster), compiled, by filter name. Main thread.</summary>
internal sealed class FilterConfigLevel
{
    private const string Category = "envoy.filters.http";

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private FilterConfigLevel(string place) => Place = place;

    /// <summary>Where it is said, for a person: for example <c>virtual host web (envoy.yaml:12:5)</c>.</summary>
    public string Place { get; }

    /// <param name="Config">Null when the entry only switches the filter on or off.</param>
    /// <param name="IsDisabled">FilterConfig.disabled; an entry without it switches the filter on.</param>
    public readonly record struct Entry(FilterRouteConfig? Config, bool IsDisabled);

    /// <summary>Null when there is none.</summary>
    /// <param name="configs">Of <paramref name="at"/>.</param>
    /// <param name="at">The message, to report faults at.</param>
    /// <param name="filters">The connection manager's; null when the table is compiled for none.</param>
    public static FilterConfigLevel? Create(MapField<string, Any> configs, IMessage at, IReadOnlyList<HttpFilterFactory>? filters, FactoryContext context)
    {
        if (configs.Count == 0) return null;
        var level = new FilterConfigLevel(PlaceOf(at, context));
        foreach (var (name, any) in configs)
        {
            var filter = FilterOf(name, filters);
            if (filters is not null && filter is null)
                context.Config.Warning(at, $"typed_per_filter_config[{name}]", WithoutFilter(name, any));
            if (Compile(name, any, at, filter, context) is { } entry) level._entries[filter?.Name ?? name] = entry;
        }

        return level;
    }

    public Entry? Find(string name) => _entries.TryGetValue(name, out var entry) ? entry : null;

    /// <summary>The filter of that name, else one that is meant by an older or newer form of it.</summary>
    private static HttpFilterFactory? FilterOf(string name, IReadOnlyList<HttpFilterFactory>? filters)
    {
        var current = ExtensionNames.Current(name, Category);
        return filters?.FirstOrDefault(filter => filter.Name == name)
            ?? filters?.FirstOrDefault(filter => ExtensionNames.Current(filter.Name, Category) == current);
    }

    private static string WithoutFilter(string name, Any any)
    {
        var effect = HttpFilterRegistry.MayBeUpstream(any.TypeUrl) ? "this has an effect only on an upstream HTTP filter of that name" : "this has no effect";
        return $"there is no HTTP filter named {name} in this connection manager: {effect}";
    }

    private static string PlaceOf(IMessage at, FactoryContext context)
    {
        var what = at switch
        {
            RouteConfiguration => "the route table",
            Envoy.Config.Route.V3.VirtualHost host => $"virtual host {host.Name}",
            WeightedCluster.Types.ClusterWeight cluster => $"weighted cluster {cluster.Name}",
            _ => "the route",
        };
        return context.Config.Origins.PositionOf(at) is { } position ? $"{what} ({position})" : what;
    }

    private static Entry? Compile(string name, Any any, IMessage at, HttpFilterFactory? filter, FactoryContext context)
    {
        if (!any.TypeUrl.EndsWith("/" + FilterConfig.Descriptor.FullName, StringComparison.Ordinal))
            return new Entry(HttpFilterRegistry.CreateRouteConfig(name, any, at, isOptional: false, filter, context), IsDisabled: false);
        if (context.Config.Unpack<FilterConfig>(any) is not { } wrapper) return null;
        if (wrapper.Disabled) return new Entry(null, IsDisabled: true);
        if (wrapper.Config is null)
        {
            context.Config.Error(at, $"typed_per_filter_config[{name}]", $"Empty route/virtual host per filter configuration for {name} filter");
            return null;
        }

        return wrapper.Config.TypeUrl.Length == 0
            ? new Entry(null, IsDisabled: false)
            : new Entry(HttpFilterRegistry.CreateRouteConfig(name, wrapper.Config, at, wrapper.IsOptional, filter, context), IsDisabled: false);
    }
}
