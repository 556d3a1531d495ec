using Envoy.Config.Route.V3;
using Weft.Base.Logging;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Xds;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.XdsClient.Scopes;

/// <summary>SRDS: keeps the scopes of one connection manager as the management server wants them. Main thread.</summary>
internal sealed class ScopeDiscovery : IResourceWatcher, IDisposable
{
    private static readonly Logger Log = Logger.Get("router");

    private readonly ScopedRoutes _routes;
    private readonly ScopedRoutesContext _scoped;
    private readonly ScopedRoutesStats _stats;
    private readonly ScopedRouteList.Entry _listed;
    private readonly Subscription? _subscription;
    private readonly InitManager? _initManager;
    private Dictionary<string, RouteScope> _scopes = new(StringComparer.Ordinal);
    private InitTarget? _init;

    public ScopeDiscovery(ScopedRoutes routes, HcmMessage manager, IReadOnlyList<HttpFilterFactory>? filters, FactoryContext context)
    {
        var config = manager.ScopedRoutes;
        (_routes, _initManager) = (routes, context.Init);
        _scoped = new ScopedRoutesContext(config.RdsConfigSource, manager.StatPrefix, filters, context, CountActive);
        _listed = new ScopedRouteList.Entry(config.Name, IsDynamic: true);
        var scope = context.Stats.Scope($"http.{manager.StatPrefix}.scoped_rds.{config.Name}.");
        _stats = new ScopedRoutesStats(scope);
        var scopedRds = config.ScopedRds;
        _subscription = context.Subscriptions?.CreateAll(scopedRds.ScopedRdsConfigSource, scopedRds, "scoped_rds_config_source", scopedRds.SrdsResourcesLocator, "srds_resources_locator", ResourceType.ScopedRoutes, this, scope, context);
        if (_subscription is null)
            return;
        context.Lifetime?.Add(this);
        context.ScopedRoutes.Add(_listed, context.Lifetime);
        if (_initManager is null)
            _subscription.Start();
        else
            _init = _initManager.Add($"SRDS {config.Name}", OnInit);
    }

    public string? OnUpdate(DiscoveryUpdate update)
    {
        if (update.Resources.Count == 0)
            _stats.UpdateEmpty.Inc();
        var fault = Apply(update);
        _init?.Ready();
        return fault is null ? null : $"Error adding/updating scoped route(s): {fault}";
    }

    public void OnNothing() => _init?.Ready();

    public void Dispose()
    {
        _subscription?.Dispose();
        foreach (var scope in _scopes.Values)
            scope.Dispose();
        _init?.Ready();
    }

    private void OnInit(InitTarget target)
    {
        _init = target;
        _subscription!.Start();
    }

    /// <summary>All or nothing: scopes that take each other's requests must not be there at the same time.</summary>
    private string? Apply(DiscoveryUpdate update)
    {
        var faults = new List<string>();
        var next = new Dictionary<string, RouteScope>(StringComparer.Ordinal);
        var made = new List<RouteScope>();
        if (update.IsDelta)
        {
            foreach (var (name, scope) in _scopes)
            {
                if (!update.Removed.Contains(name) && update.Find(name) is null)
                    next.Add(name, scope);
            }
        }

        foreach (var resource in update.Resources)
            Take(resource, next, made, faults);
        if (faults.Count == 0 && ScopeConflicts.Find(next.Values.Select(scope => scope.Message)) is { } conflict)
            faults.Add(conflict);
        if (faults.Count > 0)
        {
            made.ForEach(static scope => scope.Dispose());
            return string.Join("; ", faults);
        }

        Swap(next, update.Version);
        return null;
    }

    private void Take(DiscoveredResource resource, Dictionary<string, RouteScope> next, List<RouteScope> made, List<string> faults)
    {
        var config = resource.NewContext();
        if (resource.As<ScopedRouteConfiguration>(config) is not { } message || config.Findings.HasErrors)
        {
            faults.Add($"{resource.Name}: {string.Join("; ", config.Findings.Errors)}");
            return;
        }

        if (_scopes.GetValueOrDefault(resource.Name) is { } same && same.Message.Equals(message))
        {
            if (!next.TryAdd(resource.Name, same))
                faults.Add($"duplicate scoped route configuration '{message.Name}' found");
            return;
        }

        if (message.RouteConfiguration is null && message.RouteConfigurationName.Length == 0)
            config.Error(message, "route_configuration_name", "route_configuration_name is empty.");
        var scope = new RouteScope(message, _scoped);
        made.Add(scope);
        if (!scope.IsOnDemand && !config.Findings.HasErrors)
            scope.Load(ContextOf(config));
        if (config.Findings.HasErrors)
            faults.Add($"{resource.Name}: {string.Join("; ", config.Findings.Errors)}");
        else if (!next.TryAdd(resource.Name, scope))
            faults.Add($"duplicate scoped route configuration '{message.Name}' found");
    }

    /// <summary>What waits for the scopes waits for their routes too; later ones are waited for by nobody.</summary>
    private FactoryContext ContextOf(ConfigContext config) => _scoped.Factory.For(config, init: _init is { IsReady: false } ? _initManager : null);

    private void Swap(Dictionary<string, RouteScope> next, string version)
    {
        var left = _scopes.Values.Except(next.Values).ToList();
        var isChanged = left.Count > 0 || next.Count != _scopes.Count;
        _scopes = next;
        _routes.Replace(next.Values);
        left.ForEach(static scope => scope.Dispose());
        _stats.ConfigReload.Inc();
        _stats.ConfigReloadTimeMs.Set(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        _stats.AllScopes.Set(next.Count);
        _stats.OnDemandScopes.Set(next.Values.Count(static scope => scope.IsOnDemand));
        CountActive();
        _listed.Scopes = [.. next.Values.Select(static scope => scope.Message)];
        if (isChanged || _listed.Version is null)
            (_listed.Version, _listed.UpdatedAt) = (version, DateTimeOffset.UtcNow);
        Log.Debug($"srds: {next.Count} scope(s), version: {version}");
    }

    private void CountActive() => _stats.ActiveScopes.Set(_scopes.Values.Count(static scope => scope.Message.RouteConfiguration is null && scope.IsActive));
}
