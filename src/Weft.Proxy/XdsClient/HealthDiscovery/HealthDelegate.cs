using Envoy.Service.Health.V3;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.XdsClient.Grpc;
using ApiNode = Envoy.Config.Core.V3.Node;

namespace Weft.Proxy.XdsClient.HealthDiscovery;

/// <summary>HDS: checks the health of endpoints on behalf of a management server, and reports it there. Main thread.</summary>
internal sealed class HealthDelegate : IManagementStreamUser
{
    public const string Path = "/envoy.service.health.v3.HealthDiscoveryService/StreamHealthCheck";

    /// <summary>The first wait after a lost stream.</summary>
    public const long RetryBaseMs = 1000;

    private const long DefaultIntervalMs = 1000;

    private static readonly Logger Log = Logger.Get("upstream");

    private readonly ApiNode _node;
    private readonly FactoryContext _context;
    private readonly LoopTimer _timer;
    private readonly Counter _requests;
    private readonly Counter _responses;
    private readonly Counter _errors;
    private readonly Counter _updates;
    private readonly ManagementStream? _stream;
    private List<DelegatedCluster> _clusters = [];
    private HealthCheckSpecifier? _specifier;
    private long _intervalMs;

    /// <param name="open">Opens the stream for this; null, with the fault reported, when it cannot be.</param>
    public HealthDelegate(ApiNode node, FactoryContext context, Func<IManagementStreamUser, ManagementStream?> open)
    {
        (_node, _context) = (node, context);
        _timer = new LoopTimer(context.MainLoop, Report);
        var scope = context.Stats.Scope("hds_delegate.");
        _requests = scope.Counter("requests");
        _responses = scope.Counter("responses");
        _errors = scope.Counter("errors");
        _updates = scope.Counter("updates");
        _stream = open(this);
    }

    public void Start() => _stream?.Start();

    void IManagementStreamUser.OnOpened() => Send(new HealthCheckRequestOrEndpointHealthResponse
    {
        HealthCheckRequest = new HealthCheckRequest
        {
            Node = _node,
            Capability = new Capability { HealthCheckProtocols = { Capability.Types.Protocol.Http, Capability.Types.Protocol.Tcp } },
        },
    });

    void IManagementStreamUser.OnMessage(ReadOnlySpan<byte> message)
    {
        _requests.Inc();
        Take(HealthCheckSpecifier.Parser.ParseFrom(message));
    }

    void IManagementStreamUser.OnLost()
    {
        _timer.Cancel();
        (_specifier, _intervalMs) = (null, 0);
        _errors.Inc();
    }

    private void Take(HealthCheckSpecifier specifier)
    {
        if (specifier.Equals(_specifier))
            return;
        var made = new List<DelegatedCluster>();
        var next = new List<DelegatedCluster>();
        foreach (var check in specifier.ClusterHealthChecks.DistinctBy(static check => check.ClusterName, StringComparer.Ordinal))
        {
            var cluster = _clusters.Find(known => known.Check.Equals(check));
            if (cluster is null)
                made.Add(cluster = new DelegatedCluster(check, _context));
            next.Add(cluster);
        }

        var faults = made.Select(static cluster => cluster.Fault).OfType<string>().ToList();
        if (faults.Count > 0)
        {
            made.ForEach(static cluster => cluster.Dispose());
            _errors.Inc();
            Log.Warning($"Unable to validate health check specifier: {string.Join("; ", faults)}");
            return;
        }

        foreach (var gone in _clusters.Except(next))
            gone.Dispose();
        (_clusters, _specifier) = (next, specifier);
        made.ForEach(static cluster => cluster.Start());
        _updates.Inc();
        var intervalMs = Math.Max(1, specifier.Interval.ToMs(DefaultIntervalMs));
        if (intervalMs != _intervalMs)
            _timer.Arm(_intervalMs = intervalMs);
    }

    private void Report()
    {
        var report = new EndpointHealthResponse();
        foreach (var cluster in _clusters)
        {
            var health = cluster.Report();
            report.ClusterEndpointsHealth.Add(health);
#pragma warning disable CS0612 // the flat list of older servers
            report.EndpointsHealth.AddRange(health.LocalityEndpointsHealth.SelectMany(static locality => locality.EndpointsHealth));
#pragma warning restore CS0612
        }

        Send(new HealthCheckRequestOrEndpointHealthResponse { EndpointHealthResponse = report });
        _timer.Arm(_intervalMs);
    }

    private void Send(HealthCheckRequestOrEndpointHealthResponse message)
    {
        _stream!.Send(message);
        _responses.Inc();
    }
}
