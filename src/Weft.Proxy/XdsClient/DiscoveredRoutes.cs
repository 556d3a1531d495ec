using System.Text;
using Envoy.Config.Route.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Routing;
using Weft.Proxy.XdsClient.OnDemand;
using Weft.Xds;
using RdsMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.Rds;
using VirtualHost = Envoy.Config.Route.V3.VirtualHost;

namespace Weft.Proxy.XdsClient;

/// <summary>
/// RDS: the routes of one connection manager, swapped under its requests whenever they change, with the virtual hosts that VHDS adds. Main
/// thread, except what <see cref="RouteSource"/> says of workers.
/// </summary>
internal sealed class DiscoveredRoutes : RouteSource, IResourceWatcher, IVirtualHostUser, IDisposable
{
    private static readonly Logger Log = Logger.Get("router");
    private static readonly Dictionary<string, VirtualHost> NoHosts = [];

    private readonly FactoryContext _context;
    private readonly IReadOnlyList<HttpFilterFactory>? _filters;
    private readonly Subscription? _subscription;
    private readonly string _name;
    private readonly string _statPrefix;
    private readonly Counter _reload;
    private readonly Gauge _reloadTimeMs;
    private readonly Counter _empty;
    private InitTarget? _init;
    private RouteConfiguration? _message; // only where virtual hosts are added to it: of many routes it is large
    private Any? _body;
    private VirtualHostDiscovery? _hosts;

    /// <param name="rds">The field of the connection manager.</param>
    /// <param name="statPrefix">That of the connection manager.</param>
    /// <param name="filters">Those of the connection manager.</param>
    /// <param name="context">Takes the faults, and says what waits for the routes and with what they end.</param>
    public DiscoveredRoutes(RdsMessage rds, string statPrefix, IReadOnlyList<HttpFilterFactory>? filters, FactoryContext context)
        : base(null)
    {
        (_context, _filters, _name, _statPrefix) = (context, filters, XdsTpName.Canonical(rds.RouteConfigName), statPrefix);
        var scope = context.Stats.Scope($"http.{statPrefix}.rds.{_name}.");
        _reload = scope.Counter("config_reload");
        _reloadTimeMs = scope.Gauge("config_reload_time_ms");
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

    /// <summary>There was an answer, or there will be none.</summary>
    public event Action? HeardOf;

    /// <summary><see cref="HeardOf"/> has been called, perhaps by the constructor: files answer at once.</summary>
    public bool IsHeardOf { get; private set; }

    /// <summary>The table in use, with the virtual hosts of VHDS; null as long as there is none.</summary>
    public LoadedRoutes? Loaded { get; private set; }

    public override bool Request(HeaderMap headers, OnDemandWait wait)
    {
        if (Volatile.Read(ref _hosts) is null)
            return false;
        var domain = Encoding.UTF8.GetString(headers.Get(KnownHeader.Authority)).ToLowerInvariant();
        _context.MainLoop.Post(() =>
        {
            if (_hosts is { } hosts)
                hosts.Demand(domain, wait);
            else
                wait.Complete(isFound: false);
        });
        return true;
    }

    public string? OnUpdate(DiscoveryUpdate update)
    {
        if (update.Resources.Count == 0)
            _empty.Inc();
        var fault = update.Resources.Count == 0 ? null : Apply(update);
        OnHeardOf();
        return fault;
    }

    public void OnNothing() => OnHeardOf();

    public string? Use(IReadOnlyDictionary<string, VirtualHost> hosts, string version)
    {
        var config = new ConfigContext();
        return TryLoad(_message!, _body, hosts, version, config) ? null : Text(config);
    }

    public bool HasVirtualHost(ReadOnlySpan<byte> host) => Current?.HasVirtualHost(host) ?? false;

    public void Dispose()
    {
        _subscription?.Dispose();
        _hosts?.Dispose();
        _context.DiscoveredRoutes.Remove(this);
        _init?.Ready();
    }

    private void OnHeardOf()
    {
        IsHeardOf = true;
        _init?.Ready();
        HeardOf?.Invoke();
    }

    private void OnInit(InitTarget target)
    {
        _init = target;
        _subscription!.Start();
    }

    private string? Apply(DiscoveryUpdate update)
    {
        if (update.Find(_name) is not { } resource)
            return update.Resources[0].Fault("name", $"Unexpected RDS configuration (expecting {_name}): {update.Resources[0].Name}");
        // The same again needs no new table.
        if (_body is { } known && known.Equals(resource.Body))
            return null;
        var config = resource.NewContext();
        if (resource.As<RouteConfiguration>(config) is not { } message || config.Findings.HasErrors)
            return Text(config);
        var hosts = HostsFor(message, config);
        if (config.Findings.HasErrors || !TryLoad(message, resource.Body, hosts?.Hosts ?? NoHosts, resource.Version, config))
        {
            if (hosts != _hosts)
                hosts?.Dispose();
            return Text(config);
        }

        (_message, _body) = (hosts is null ? null : message, resource.Body);
        Follow(hosts);
        return null;
    }

    /// <summary>The discovery of virtual hosts that the table wants: the one there is, or another; null when it wants none.</summary>
    private VirtualHostDiscovery? HostsFor(RouteConfiguration message, ConfigContext config)
    {
        if (message.Vhds is null)
            return null;
        return _hosts is { } known && known.Source.Equals(message.Vhds)
            ? known
            : new VirtualHostDiscovery(message, _statPrefix, this, _hosts?.Hosts ?? NoHosts, _context.For(config));
    }

    private void Follow(VirtualHostDiscovery? hosts)
    {
        if (hosts == _hosts)
            return;
        _hosts?.Dispose();
        Volatile.Write(ref _hosts, hosts);
        hosts?.Start(_init is { IsReady: false } ? _context.Init : null);
    }

    /// <summary>False, with the faults reported, when the table cannot be used.</summary>
    private bool TryLoad(RouteConfiguration message, Any? received, IReadOnlyDictionary<string, VirtualHost> hosts, string version, ConfigContext config)
    {
        var merged = message;
        if (hosts.Count > 0)
        {
            merged = message.Clone();
            merged.VirtualHosts.AddRange(hosts.Values);
        }

        var context = _context.For(config);
        var table = RouteTable.Create(merged, context, _filters);
        if (context.ClusterExists is { } exists)
            table.CheckClusters(exists, byDefault: false, config);
        if (config.Findings.HasErrors)
            return false;
        Log.Debug($"rds: loading new configuration: config_name={_name} version={version}");
        // What came is what was written, unless virtual hosts were added.
        var body = hosts.Count == 0 && received is not null ? received : Any.Pack(merged);
        table.Pack(body.Value);
        (Current, Loaded) = (table, new LoadedRoutes(_name, version, body, DateTimeOffset.UtcNow));
        _reload.Inc();
        _reloadTimeMs.Set(((DateTimeOffset)_context.MainLoop.UtcNow).ToUnixTimeMilliseconds());
        return true;
    }

    private static string Text(ConfigContext config) => string.Join("; ", config.Findings.Errors);
}

/// <summary>A discovered RouteConfiguration in use.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">version_info of the response it came in.</param>
/// <param name="Body">The message.</param>
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
