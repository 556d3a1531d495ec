using Envoy.Config.Route.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Routing;
using Weft.Xds;
using RdsMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.Rds;

namespace Weft.Proxy.XdsClient;

/// <summary>RDS: the routes of one connection manager, swapped under its requests whenever they change. Main thread, except <see cref="RouteSource.Current"/>.</summary>
internal sealed class DiscoveredRoutes : RouteSource, IResourceWatcher, IDisposable
{
    private static readonly Logger Log = Logger.Get("router");

    private readonly FactoryContext _context;
    private readonly IReadOnlyList<HttpFilterFactory>? _filters;
    private readonly Subscription? _subscription;
    private readonly string _name;
    private readonly Counter _reload;
    private readonly Counter _empty;
    private InitTarget? _init;

    /// <param name="rds">The field of the connection manager.</param>
    /// <param name="statPrefix">That of the connection manager.</param>
    /// <param name="filters">Those of the connection manager.</param>
    /// <param name="context">Takes the faults, and says what waits for the routes and with what they end.</param>
    public DiscoveredRoutes(RdsMessage rds, string statPrefix, IReadOnlyList<HttpFilterFactory>? filters, FactoryContext context)
        : base(null)
    {
        (_context, _filters, _name) = (context, filters, rds.RouteConfigName);
        var scope = context.Stats.Scope($"http.{statPrefix}.rds.{_name}.");
        _reload = scope.Counter("config_reload");
        _empty = scope.Counter("update_empty");
        _subscription = context.Subscriptions?.Create(rds.ConfigSource, rds, "config_source", ResourceType.Routes, _name, this, scope, context);
        if (_subscription is null)
            return;
        context.DiscoveredRoutes.Add(this);
        context.Lifetime?.Add(this);
        if (context.Init is null)
            _subscription.Start();
        else
            _init = context.Init.Add($"RdsRouteConfigSubscription RDS init {_name}", OnInit);
    }

    /// <summary>The table in use as it came; null as long as there is none.</summary>
    public LoadedRoutes? Loaded { get; private set; }

    public string? OnUpdate(DiscoveryUpdate update)
    {
        if (update.Resources.Count == 0)
            _empty.Inc();
        var fault = update.Resources.Count == 0 ? null : Apply(update);
        _init?.Ready();
        return fault;
    }

    public void OnNothing() => _init?.Ready();

    public void Dispose()
    {
        _subscription?.Dispose();
        _context.DiscoveredRoutes.Remove(this);
        _init?.Ready();
    }

    private void OnInit(InitTarget target)
    {
        _init = target;
        _subscription!.Start();
    }

    private string? Apply(DiscoveryUpdate update)
    {
        if (update.Find(_name) is not { } resource)
            return $"Unexpected RDS configuration (expecting {_name}): {update.Resources[0].Name}";
        // The same again needs no new table.
        if (Loaded is { } known && known.Body.Equals(resource.Body))
            return null;
        var config = resource.NewContext();
        if (resource.As<RouteConfiguration>(config) is not { } message || config.Findings.HasErrors)
            return string.Join("; ", config.Findings.Errors);
        var context = _context.For(config);
        var table = RouteTable.Create(message, context, _filters);
        if (context.ClusterExists is { } exists)
            table.CheckClusters(exists, byDefault: false, config);
        if (config.Findings.HasErrors)
            return string.Join("; ", config.Findings.Errors);
        Log.Debug($"rds: loading new configuration: config_name={_name} version={resource.Version}");
        (Current, Loaded) = (table, new LoadedRoutes(_name, resource.Version, resource.Body, DateTimeOffset.UtcNow));
        _reload.Inc();
        return null;
    }
}

/// <summary>A discovered RouteConfiguration in use.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">version_info of the response it came in.</param>
/// <param name="Body">As it came.</param>
/// <param name="UpdatedAt">When it was taken over.</param>
internal sealed record LoadedRoutes(string Name, string Version, Any Body, DateTimeOffset UpdatedAt);

/// <summary>All tables of routes that are discovered. Main thread.</summary>
internal sealed class DiscoveredRouteList
{
    private readonly List<DiscoveredRoutes> _all = [];

    /// <summary>Those with a table; connection managers that use the same one give the same name.</summary>
    public IEnumerable<LoadedRoutes> Loaded => _all.Select(routes => routes.Loaded).OfType<LoadedRoutes>().DistinctBy(routes => routes.Name);

    public void Add(DiscoveredRoutes routes) => _all.Add(routes);

    public void Remove(DiscoveredRoutes routes) => _all.Remove(routes);
}
