using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Scopes;
using Weft.Proxy.XdsClient.OnDemand;
using HeaderMap = Weft.Http.HeaderMap;
using RdsMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.Rds;

namespace Weft.Proxy.XdsClient.Scopes;

/// <summary>One scope of requests and its routes: written out, discovered (RDS), or discovered when the first request asks. Main thread, except where said.</summary>
internal sealed class RouteScope : IDisposable
{
    private readonly ScopedRoutesContext _scoped;
    private readonly Lifetime _lifetime;
    private readonly List<OnDemandWait> _waiting = [];
    private RouteSource? _routes;

    public RouteScope(ScopedRouteConfiguration message, ScopedRoutesContext scoped)
    {
        (Message, _scoped) = (message, scoped);
        Key = ScopeKeyBuilder.KeyOf(message);
        _lifetime = new Lifetime(scoped.Factory.Stats);
    }

    public ScopedRouteConfiguration Message { get; }

    public byte[] Key { get; }

    /// <summary>Its routes are asked for when a request needs them.</summary>
    public bool IsOnDemand => Message.OnDemand && Message.RouteConfiguration is null;

    /// <summary>Its routes are there, or asked for.</summary>
    public bool IsActive => Routes is not null;

    /// <summary>Any thread. Null: nobody has asked for them yet.</summary>
    private RouteSource? Routes => Volatile.Read(ref _routes);

    /// <summary>Any thread, without allocation.</summary>
    public RouteTable? TableFor(HeaderMap headers) => Routes?.For(headers);

    /// <summary>Compiles what is written out, or begins to ask; not for <see cref="IsOnDemand"/>.</summary>
    /// <param name="context">Takes the faults, and says what waits.</param>
    public void Load(FactoryContext context) => Volatile.Write(ref _routes, _lifetime.Make(() => Create(context with { Lifetime = _lifetime })));

    /// <summary>A request that has found no route: asks for the scope's routes, or for what these have on demand. Worker thread.</summary>
    public bool Request(HeaderMap headers, OnDemandWait wait)
    {
        if (Routes is { Current: not null } loaded)
            return loaded.Request(headers, wait);
        if (!IsOnDemand)
            return false;
        _scoped.Factory.MainLoop.Post(() => Demand(wait));
        return true;
    }

    public void Dispose()
    {
        _lifetime.Dispose();
        Tell(isFound: false);
    }

    private RouteSource Create(FactoryContext context)
    {
        if (Message.RouteConfiguration is { } routes)
            return RouteSource.Written(routes, _scoped.Filters, context);
        var rds = new RdsMessage { ConfigSource = _scoped.RdsSource ?? new ConfigSource(), RouteConfigName = Message.RouteConfigurationName };
        var discovered = new DiscoveredRoutes(rds, _scoped.StatPrefix, _scoped.Filters, context);
        discovered.HeardOf += () => Tell(discovered.Current is not null);
        return discovered;
    }

    private void Demand(OnDemandWait wait)
    {
        if (Routes?.Current is not null)
        {
            wait.Complete(isFound: true);
            return;
        }

        _waiting.Add(wait);
        if (Routes is not null)
            return;
        Load(_scoped.Factory.For(new Weft.Config.ConfigContext()));
        _scoped.OnActivated();
        // A file answers within the call.
        if (Routes is DiscoveredRoutes { IsHeardOf: true } known)
            Tell(known.Current is not null);
    }

    private void Tell(bool isFound)
    {
        foreach (var wait in _waiting)
            wait.Complete(isFound);
        _waiting.Clear();
    }
}
