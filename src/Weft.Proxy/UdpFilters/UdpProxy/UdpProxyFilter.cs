using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.UdpFilters.UdpProxy;

/// <summary>
/// Carries datagrams to endpoints of a cluster and their answers back. All datagrams between the same two addresses are a session, which stays with its
/// endpoint, unless each datagram is balanced by itself. One worker.
/// </summary>
internal sealed class UdpProxyFilter(UdpProxyFactory config, Worker worker) : UdpFilter
{
    private readonly Dictionary<SessionKey, UdpSession> _sessions = [];
    private readonly DateTime _startTime = worker.Loop.UtcNow;

    public override bool OnDatagram(in Datagram datagram)
    {
        if (config.BalancesEachDatagram)
            PassByItself(datagram);
        else
            PassInSession(datagram);
        return false;
    }

    public override void OnReceiveError() => config.Stats.RxErrors.Inc();

    public override void End()
    {
        foreach (var session in _sessions.Values.ToArray())
            session.End();
        if (config.ProxyLogs.Length == 0)
            return;
        var info = new StreamInfo { StartTime = _startTime };
        UdpLogMetadata.NoteProxy(info, config.Stats);
        foreach (var logger in config.ProxyLogs)
            logger.Log(new FormatContext(info));
    }

    internal void Remove(UdpSession session) => _sessions.Remove(session.Key);

    private void PassInSession(in Datagram datagram)
    {
        var key = new SessionKey(datagram.From, datagram.To, null);
        if (_sessions.TryGetValue(key, out var session) && !session.IsUsable)
        {
            session.End();
            session = null;
        }

        if (session is { Endpoint.Health: EndpointHealth.Unhealthy } && PickBetter(session, datagram) is { } better)
        {
            session.End();
            session = Begin(key, session.Cluster, session.Target, better, datagram);
        }

        session ??= Begin(key, datagram);
        session?.Send(datagram.Data);
    }

    private void PassByItself(in Datagram datagram)
    {
        if (Choose(datagram) is not var (cluster, target) || Pick(cluster, datagram) is not { } endpoint)
            return;
        var key = new SessionKey(datagram.From, datagram.To, endpoint);
        if (!_sessions.TryGetValue(key, out var session))
            session = Begin(key, cluster, target, endpoint, datagram);
        session?.Send(datagram.Data);
    }

    private UdpSession? Begin(SessionKey key, in Datagram datagram) =>
        Choose(datagram) is var (cluster, target) && Pick(cluster, datagram) is { } endpoint ? Begin(key, cluster, target, endpoint, datagram) : null;

    private UdpSession? Begin(SessionKey key, WorkerCluster cluster, UdpTarget target, Endpoint endpoint, in Datagram datagram)
    {
        var owner = cluster.OwnerOf(endpoint).Config;
        if (!owner.CircuitBreakers.Default.Connections.TryAcquire())
        {
            owner.Stats.UpstreamCxOverflow.Inc();
            return null;
        }

        var session = new UdpSession(this, config, worker, key, cluster, target, endpoint, datagram.Socket);
        _sessions[key] = session;
        return session;
    }

    /// <summary>Null: nowhere to go.</summary>
    private (WorkerCluster Cluster, UdpTarget Target)? Choose(in Datagram datagram)
    {
        if (config.Route.Find(datagram) is { } target && worker.Clusters.Find(target.Cluster) is { } cluster)
            return (cluster, target);
        config.Stats.NoRoute.Inc();
        return null;
    }

    private Endpoint? Pick(WorkerCluster cluster, in Datagram datagram)
    {
        var endpoint = cluster.Pick(ContextFor(datagram));
        if (endpoint is null)
            cluster.Config.Stats.UpstreamCxNoneHealthy.Inc();
        return endpoint;
    }

    /// <summary>An endpoint for a session whose own has failed; null when there is none that is better.</summary>
    private Endpoint? PickBetter(UdpSession session, in Datagram datagram) =>
        session.Cluster.Pick(ContextFor(datagram)) is { Health: not EndpointHealth.Unhealthy } endpoint && endpoint != session.Endpoint ? endpoint : null;

    private LoadBalancerContext ContextFor(in Datagram datagram) => new(null, null) { Hash = config.HashPolicy?.HashOf(datagram.From) };
}

/// <summary>What makes a session: both addresses, and the endpoint where each datagram is balanced by itself.</summary>
internal readonly record struct SessionKey(NetAddress From, NetAddress To, Endpoint? Endpoint);
