using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Xds;

namespace Weft.Proxy.XdsClient.OnDemand;

/// <summary>VHDS: virtual hosts of one table of routes, as a management server gives them, also when a request asks for one. Main thread.</summary>
internal sealed class VirtualHostDiscovery : IResourceWatcher, IDisposable
{
    private readonly string _prefix;
    private readonly IVirtualHostUser _user;
    private readonly Subscription? _subscription;
    private readonly Counter _reload;
    private readonly Counter _empty;
    private readonly List<(string Domain, OnDemandWait Wait)> _waiting = [];
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private InitTarget? _init;

    /// <param name="routes">With vhds.</param>
    /// <param name="statPrefix">Of the connection manager.</param>
    /// <param name="user">The table.</param>
    /// <param name="known">Virtual hosts to begin with.</param>
    /// <param name="context">Takes the faults, and says what waits.</param>
    public VirtualHostDiscovery(RouteConfiguration routes, string statPrefix, IVirtualHostUser user, IReadOnlyDictionary<string, VirtualHost> known, FactoryContext context)
    {
        (_prefix, _user, Source, Hosts) = (routes.Name + "/", user, routes.Vhds, known);
        var scope = context.Stats.Scope($"http.{statPrefix}.vhds.{routes.Name}.");
        _reload = scope.Counter("config_reload");
        _empty = scope.Counter("update_empty");
        if (routes.Vhds.ConfigSource?.ApiConfigSource?.ApiType != ApiConfigSource.Types.ApiType.DeltaGrpc)
        {
            context.Config.Error(routes.Vhds, "config_source", "vhds: only 'DELTA_GRPC' is supported as an api_type.");
            return;
        }

        _subscription = context.Subscriptions?.Create(routes.Vhds.ConfigSource, routes.Vhds, "config_source", ResourceType.VirtualHosts, null, this, scope, context);
    }

    /// <summary>Where they come from.</summary>
    public Vhds Source { get; }

    /// <summary>Those that are there, by the name of the resource.</summary>
    public IReadOnlyDictionary<string, VirtualHost> Hosts { get; private set; }

    /// <summary>Begins to ask.</summary>
    /// <param name="waiting">Waits for the first answer; null: nobody does.</param>
    public void Start(InitManager? waiting)
    {
        if (waiting is null)
        {
            _subscription?.Start();
            return;
        }

        waiting.Add($"VhdsConfigSubscription {_prefix[..^1]}", target =>
        {
            _init = target;
            if (_subscription is null)
                target.Ready();
            else
                _subscription.Start();
        });
    }

    /// <summary>A request needs a virtual host of that domain.</summary>
    public void Demand(string domain, OnDemandWait wait)
    {
        if (_subscription is null || _found.Contains(domain))
        {
            wait.Complete(isFound: true);
            return;
        }

        _waiting.RemoveAll(static entry => entry.Wait.IsOver);
        _waiting.Add((domain, wait));
        _subscription.Ask(_prefix + domain);
    }

    public string? OnUpdate(DiscoveryUpdate update)
    {
        var heard = new HashSet<string>(update.Removed, StringComparer.Ordinal);
        var fault = Apply(update, heard);
        Tell(heard);
        _init?.Ready();
        return fault;
    }

    public void OnNothing() => _init?.Ready();

    public void Dispose()
    {
        _subscription?.Dispose();
        _init?.Ready();
        foreach (var (_, wait) in _waiting)
            wait.Complete(isFound: false);
        _waiting.Clear();
    }

    private string? Apply(DiscoveryUpdate update, HashSet<string> heard)
    {
        var next = new Dictionary<string, VirtualHost>(Hosts, StringComparer.Ordinal);
        var isChanged = false;
        foreach (var name in update.Removed)
            isChanged |= next.Remove(name);
        if (isChanged)
            _found.Clear();
        foreach (var resource in update.Resources.Where(resource => resource.Name.StartsWith(_prefix, StringComparison.Ordinal)))
        {
            heard.Add(resource.Name);
            heard.UnionWith(resource.Aliases);
            if (resource.IsAbsent)
                continue;
            var config = resource.NewContext();
            if (resource.As<VirtualHost>(config) is not { } host || config.Findings.HasErrors)
                return $"{resource.Name}: {string.Join("; ", config.Findings.Errors)}";
            next[resource.Name] = host;
            isChanged = true;
        }

        if (!isChanged)
        {
            _empty.Inc();
            return null;
        }

        if (_user.Use(next, update.Version) is { } fault)
            return fault;
        Hosts = next;
        _reload.Inc();
        return null;
    }

    /// <summary>Whoever waits for one of the names that were answered hears whether there is a virtual host now.</summary>
    private void Tell(HashSet<string> heard)
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var (domain, wait) = _waiting[i];
            if (!heard.Contains(_prefix + domain))
                continue;
            _waiting.RemoveAt(i);
            var isFound = _user.HasVirtualHost(Encoding.UTF8.GetBytes(domain));
            wait.Complete(isFound);
            if (isFound)
                _found.Add(domain);
            else
                _subscription!.Unask(_prefix + domain);
        }
    }
}
