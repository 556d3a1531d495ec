using System.Net;
using Weft.Base.Logging;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>One configured name: asks for it now and again, by TTL, refresh and failure rates, and hands over the answers. Main thread.</summary>
internal sealed class DnsTarget : IDisposable
{
    private static readonly Logger Log = Logger.Get("upstream");

    private readonly ClusterConfig _cluster;
    private readonly IDnsResolver _resolver;
    private readonly DnsRefreshSchedule _schedule;
    private readonly LoopTimer _timer;
    private readonly Func<DnsResult, bool> _onAnswer;
    private readonly Action _onResolved;
    private IDisposable? _running;
    private bool _isFailing;

    /// <param name="onAnswer">Gets each answer of the servers; false when it is no use and counts as a failure.</param>
    /// <param name="onResolved">Called after each attempt, whatever its outcome.</param>
    public DnsTarget(LocalityAssignment locality, EndpointAssignment assignment, ClusterConfig cluster, IDnsResolver resolver, FactoryContext context, Func<DnsResult, bool> onAnswer, Action onResolved)
    {
        Locality = locality;
        Assignment = assignment;
        _cluster = cluster;
        _resolver = resolver;
        _schedule = new DnsRefreshSchedule(cluster.Dns, context.Random);
        _timer = new LoopTimer(context.MainLoop, Resolve);
        _onAnswer = onAnswer;
        _onResolved = onResolved;
    }

    public LocalityAssignment Locality { get; }

    public EndpointAssignment Assignment { get; }

    /// <summary>What endpoints found by this name are called: hostname, else the name.</summary>
    public string Hostname => Assignment.Hostname.Length > 0 ? Assignment.Hostname : Assignment.DnsName;

    /// <summary>The resolver of a cluster: its own if one is configured.</summary>
    public static IDnsResolver ResolverFor(ClusterConfig cluster, FactoryContext context) =>
        cluster.Dns.Resolver is { } own ? new DnsResolver(context.MainLoop, own, context.Stats) : context.Dns;

    /// <summary>The address of one record, with the configured port.</summary>
    public NetAddress AddressOf(IPAddress record) => NetAddress.FromIP(record, Assignment.Port);

    public void Resolve()
    {
        _cluster.Stats.UpdateAttempt.Inc();
        _running = _resolver.Resolve(Assignment.DnsName, _cluster.Dns.Family, OnResult);
    }

    public void Dispose()
    {
        _running?.Dispose();
        _running = null;
        _timer.Cancel();
    }

    private void OnResult(DnsResult result)
    {
        _running = null;
        var isSuccess = result.Succeeded && _onAnswer(result);
        (isSuccess ? _cluster.Stats.UpdateSuccess : _cluster.Stats.UpdateFailure).Inc();
        Tell(isSuccess, result);
        _timer.Arm(isSuccess ? _schedule.AfterSuccess(result.Addresses.Count == 0 ? 0 : result.TtlSeconds) : _schedule.AfterFailure());
        _onResolved();
    }

    /// <summary>Says once when a name begins to fail, not with every attempt.</summary>
    private void Tell(bool isSuccess, DnsResult result)
    {
        var hasNothing = !isSuccess || result.Addresses.Count == 0;
        if (hasNothing && !_isFailing)
            Log.Warning($"cluster '{_cluster.Name}': no address for '{Assignment.DnsName}': {result.Error}");
        else if (!hasNothing && _isFailing)
            Log.Info($"cluster '{_cluster.Name}': '{Assignment.DnsName}' has addresses again");
        _isFailing = hasNothing;
    }
}
