using Weft.Base;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.HealthChecking.HttpCheck;
using Weft.Proxy.Runtime;
using Weft.Proxy.TransportSockets;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>
/// Checks the endpoints of a cluster actively, each by a <see cref="HealthCheckSession"/>, and says what changed. Main thread.
/// </summary>
internal sealed class HealthChecker : IDisposable
{
    /// <summary>What a check has found out, which a new object for the same endpoint takes over.</summary>
    public const EndpointHealthFlags Findings =
        EndpointHealthFlags.FailedActiveHc | EndpointHealthFlags.DegradedActiveHc | EndpointHealthFlags.PendingActiveHc | EndpointHealthFlags.ActiveHcTimeout;

    private static readonly byte[] s_alpnHttp2 = [2, (byte)'h', (byte)'2'];

    private readonly Dictionary<Endpoint, HealthCheckSession> _sessions = [];
    private readonly ClusterConfig _cluster;
    private readonly RuntimeLayers _runtime;
    private readonly Action<Endpoint, HealthTransition, bool> _onChecked;
    private readonly bool _isPendingUntilChecked;
    private readonly Http2CheckParts? _http2;

    /// <param name="onChecked">Hears each result: endpoint, what it changed, whether it was a success.</param>
    public HealthChecker(ClusterConfig cluster, FactoryContext context, Action<Endpoint, HealthTransition, bool> onChecked)
    {
        _cluster = cluster;
        _runtime = context.Runtime;
        _onChecked = onChecked;
        _isPendingUntilChecked = cluster.Source.CommonLbConfig?.IgnoreNewHostsUntilFirstHc ?? false;
        Config = cluster.HealthCheck!;
        Loop = context.MainLoop;
        Random = context.Random;
        Stats = new HealthCheckStats(cluster.StatsScope);
        Events = new HealthCheckEventLog(cluster, Loop);
        _http2 = Config.Kind.UsesHttp2 ? new Http2CheckParts(Loop, cluster.StatsScope) : null;
    }

    public HealthCheckConfig Config { get; }

    public ClusterConfig Cluster => _cluster;

    public EventLoop Loop { get; }

    public RandomSource Random { get; }

    public RuntimeSnapshot Runtime => _runtime.Current;

    public HealthCheckStats Stats { get; }

    public HealthCheckEventLog Events { get; }

    /// <summary>The cluster had a connection at least once.</summary>
    public bool HasTraffic => _cluster.Stats.UpstreamCxTotal.IsUsed;

    /// <summary>Every endpoint that is checked has its first result.</summary>
    public bool IsFirstRoundDone => _sessions.Values.All(static session => !session.IsFirstCheck);

    /// <summary>Gives a new endpoint the flags it has before its first check.</summary>
    /// <param name="predecessor">What stood for the same address until now; null when that is new too.</param>
    public void Prepare(Endpoint endpoint, Endpoint? predecessor)
    {
        if (endpoint.HealthCheck.IsDisabled)
            return;
        if (predecessor is not null && AddressFor(predecessor) == AddressFor(endpoint))
            endpoint.SetHealthFlags(predecessor.HealthFlags & Findings);
        else
            endpoint.SetHealthFlags(EndpointHealthFlags.FailedActiveHc | (_isPendingUntilChecked ? EndpointHealthFlags.PendingActiveHc : 0));
    }

    /// <summary>Begins to check an endpoint that has been published.</summary>
    public void Add(Endpoint endpoint)
    {
        if (endpoint.HealthCheck.IsDisabled || _sessions.ContainsKey(endpoint))
            return;
        var session = Config.Kind.CreateSession(this, endpoint);
        _sessions.Add(endpoint, session);
        endpoint.HealthCheckSession = session;
        session.Start();
    }

    public void Remove(Endpoint endpoint)
    {
        if (!_sessions.Remove(endpoint, out var session))
            return;
        endpoint.HealthCheckSession = null;
        session.Dispose();
    }

    public void Dispose()
    {
        foreach (var session in _sessions.Values)
            session.Dispose();
        _sessions.Clear();
    }

    /// <summary>Where the checks of an endpoint go: its health_check_config, else its address, else its address with alt_port.</summary>
    public NetAddress AddressFor(Endpoint endpoint)
    {
        var own = endpoint.HealthCheck;
        var address = own.Address.Kind == NetAddressKind.None ? endpoint.Address : own.Address;
        var port = own.Port > 0 ? own.Port : own.Address.Kind == NetAddressKind.None ? Config.AlternatePort : 0;
        return port == 0 || address.Kind is not (NetAddressKind.IPv4 or NetAddressKind.IPv6) ? address : NetAddress.FromIP(address.ToIPAddress(), port);
    }

    /// <summary>Its connections are encrypted.</summary>
    public bool IsSecure(Endpoint endpoint) => TransportFor(endpoint).IsSecure;

    /// <summary>A connection for the checks of an endpoint, with the cluster's transport socket; the time of the check limits that of connecting too.</summary>
    public Connection Connect(Endpoint endpoint, IConnectionHandler handler) =>
        _cluster.Connect(Loop, endpoint, AddressFor(endpoint), connectTimeoutMs: 0, handler, new UpstreamTransportOptions { Protocols = Config.Protocols, FallbackProtocols = _http2 is null ? null : s_alpnHttp2 }, TransportFor(endpoint));

    private UpstreamTransportSocket TransportFor(Endpoint endpoint) => Config.TransportMatch is { } match ? _cluster.Transports.For(match) : _cluster.Transports.For(endpoint);

    /// <summary>The same, in the version of HTTP that is configured.</summary>
    public HttpCheckClient ConnectHttp(Endpoint endpoint, IHttpCheckHandler handler) =>
        _http2 is { } parts ? new Http2CheckClient(this, parts, endpoint, handler) : new Http1CheckClient(this, endpoint, handler);

    internal void OnChecked(HealthCheckSession session, HealthTransition transition, bool isHealthy) => _onChecked(session.Endpoint, transition, isHealthy);
}
