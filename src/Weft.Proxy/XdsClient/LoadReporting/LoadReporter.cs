using Envoy.Service.LoadStats.V3;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.XdsClient.Grpc;
using ApiNode = Envoy.Config.Core.V3.Node;

namespace Weft.Proxy.XdsClient.LoadReporting;

/// <summary>LRS: tells a management server, as often as it wants, what the clusters it names have carried since the last report. Main thread.</summary>
internal sealed class LoadReporter : IManagementStreamUser
{
    public const string Path = "/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats";

    /// <summary>Between a lost stream and the next attempt.</summary>
    public const long RetryDelayMs = 5000;

    private readonly ClusterManager _clusters;
    private readonly EventLoop _loop;
    private readonly ApiNode _node;
    private readonly LoopTimer _timer;
    private readonly Dictionary<string, ClusterLoad> _tracked = new(StringComparer.Ordinal);
    private readonly Counter _requests;
    private readonly Counter _responses;
    private readonly Counter _errors;
    private readonly Counter _retries;
    private readonly ManagementStream? _stream;
    private LoadStatsResponse? _wanted;
    private bool _wasLost;

    /// <param name="open">Opens the stream for this; null, with the fault reported, when it cannot be.</param>
    public LoadReporter(ClusterManager clusters, ApiNode node, FactoryContext context, Func<IManagementStreamUser, ManagementStream?> open)
    {
        (_clusters, _loop, _node) = (clusters, context.MainLoop, node.Clone());
        _node.ClientFeatures.Add("envoy.lrs.supports_send_all_clusters");
        _timer = new LoopTimer(_loop, Report);
        var scope = context.Stats.Scope("load_reporter.");
        _requests = scope.Counter("requests");
        _responses = scope.Counter("responses");
        _errors = scope.Counter("errors");
        _retries = scope.Counter("retries");
        _stream = open(this);
    }

    public void Start() => _stream?.Start();

    void IManagementStreamUser.OnOpened()
    {
        if (_wasLost)
            _retries.Inc();
        Send(new LoadStatsRequest { Node = _node });
    }

    void IManagementStreamUser.OnMessage(ReadOnlySpan<byte> message)
    {
        _wanted = LoadStatsResponse.Parser.ParseFrom(message);
        _requests.Inc();
        BeginPeriod(_wanted);
    }

    void IManagementStreamUser.OnLost()
    {
        _wasLost = true;
        _errors.Inc();
        _timer.Cancel();
    }

    /// <summary>What is tracked already goes on; what is new counts from now.</summary>
    private void BeginPeriod(LoadStatsResponse wanted)
    {
        IEnumerable<string> names = wanted.SendAllClusters ? _clusters.Clusters.Select(static cluster => cluster.Config.Name) : wanted.Clusters;
        var kept = names.ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _tracked.Keys.Where(name => !kept.Contains(name)).ToArray())
            _tracked.Remove(gone);
        foreach (var name in kept.Where(name => !_tracked.ContainsKey(name)))
        {
            var load = _tracked[name] = new ClusterLoad(_loop.NowUs);
            if (_clusters.Find(name) is { } cluster)
                load.Take(cluster, isByEndpoint: false, _loop.NowUs);
        }

        _timer.Arm(Math.Max(1, wanted.LoadReportingInterval.ToMs(0)));
    }

    private void Report()
    {
        var request = new LoadStatsRequest { Node = _node };
        foreach (var (name, load) in _tracked)
        {
            if (_clusters.Find(name) is { } cluster)
                request.ClusterStats.Add(load.Take(cluster, _wanted!.ReportEndpointGranularity, _loop.NowUs));
        }

        Send(request);
        BeginPeriod(_wanted!);
    }

    private void Send(LoadStatsRequest request)
    {
        _stream!.Send(request);
        _responses.Inc();
    }
}
