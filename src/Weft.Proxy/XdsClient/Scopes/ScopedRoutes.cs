using Envoy.Config.Route.V3;
using Google.Protobuf;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Scopes;
using Weft.Proxy.XdsClient.OnDemand;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using ScopedRoutesMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.ScopedRoutes;

namespace Weft.Proxy.XdsClient.Scopes;

/// <summary>
/// scoped_routes: a table of routes for each scope of requests, found by a key made of their headers. Scopes stand in the configuration or
/// are discovered (SRDS). Main thread, except what <see cref="RouteSource"/> says of workers.
/// </summary>
internal sealed class ScopedRoutes : RouteSource
{
    private readonly ScopeKeyBuilder _keys;
    private ScopeIndex<RouteScope> _index = new([]);

    private ScopedRoutes(ScopeKeyBuilder keys)
        : base(null) => _keys = keys;

    /// <summary>Compiles the scopes, or begins to discover them; faults are reported in the context.</summary>
    /// <param name="manager">With scoped_routes.</param>
    /// <param name="filters">Those of the connection manager.</param>
    /// <param name="context">The services.</param>
    public static ScopedRoutes Create(HcmMessage manager, IReadOnlyList<HttpFilterFactory>? filters, FactoryContext context)
    {
        var config = manager.ScopedRoutes;
        var scopes = new ScopedRoutes(ScopeKeyBuilder.Create(config.ScopeKeyBuilder, context.Config));
        switch (config.ConfigSpecifierCase)
        {
            case ScopedRoutesMessage.ConfigSpecifierOneofCase.ScopedRouteConfigurationsList:
                scopes.LoadInline(config, new ScopedRoutesContext(null, manager.StatPrefix, filters, context, static () => { }));
                break;
            case ScopedRoutesMessage.ConfigSpecifierOneofCase.ScopedRds:
                _ = new ScopeDiscovery(scopes, manager, filters, context);
                break;
            default:
                context.Config.Error(config, null, "scoped_routes need scoped_route_configurations_list or scoped_rds");
                break;
        }

        return scopes;
    }

    public override RouteTable? For(HeaderMap headers) => Find(headers)?.TableFor(headers);

    public override bool Request(HeaderMap headers, OnDemandWait wait) => Find(headers)?.Request(headers, wait) ?? false;

    /// <summary>Puts other scopes in the place of all there are; requests see them at once.</summary>
    public void Replace(IEnumerable<RouteScope> scopes) => Volatile.Write(ref _index, new ScopeIndex<RouteScope>(scopes.Select(static scope => (scope.Key, scope))));

    private RouteScope? Find(HeaderMap headers) => Volatile.Read(ref _index).Find(headers, _keys);

    private void LoadInline(ScopedRoutesMessage config, ScopedRoutesContext scoped)
    {
        var context = scoped.Factory;
        var messages = config.ScopedRouteConfigurationsList.ScopedRouteConfigurations;
        var scopes = new List<RouteScope>();
        foreach (var message in messages)
        {
            if (!CheckInline(message, context))
                continue;
            var scope = new RouteScope(message, scoped);
            scope.Load(context);
            context.Lifetime?.Add(scope);
            scopes.Add(scope);
        }

        if (ScopeConflicts.Find(messages) is { } fault)
            context.Config.Error(config, "scoped_route_configurations_list", fault);
        else
            Replace(scopes);
        var listed = new ScopedRouteList.Entry(config.Name, IsDynamic: false) { Scopes = messages, UpdatedAt = DateTimeOffset.UtcNow };
        context.ScopedRoutes.Add(listed, context.Lifetime);
    }

    private static bool CheckInline(ScopedRouteConfiguration message, FactoryContext context)
    {
        if (message.RouteConfigurationName.Length > 0)
            return Refuse(message, "route_configuration_name", "Fetching routes via RDS (route_configuration_name) is not supported with inline scoped routes.");
        return message.RouteConfiguration is not null || Refuse(message, null, "You must specify a route_configuration with inline scoped routes.");

        bool Refuse(IMessage at, string? field, string text)
        {
            context.Config.Error(at, field, text);
            return false;
        }
    }
}
