using System.Diagnostics;
using System.Globalization;
using System.Net;
using Envoy.Config.Core.V3;
using Weft.Base;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.FullScan;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;

namespace Weft.Bench.Balancing;

/// <summary>
/// What a change of one endpoint's health costs, and what a pick costs then. An update is made once, on the main thread; taking it
/// over is what each worker does, its first pick included.
/// </summary>
internal sealed class Measurement
{
    private const double Seconds = 0.15;
    private const int PicksPerLap = 10_000;
    private const int ScannedPerLap = 1_000_000;

    private static readonly Metadata[] s_versions = [.. Enumerable.Range(0, 10).Select(static version => Metadata.Parser.ParseJson($$$"""{ "filterMetadata": { "envoy.lb": { "version": "{{{version}}}" } } }"""))];

    private static readonly MetadataCriteria s_criteria = MetadataCriteria.Of(s_versions[3])!;

    private readonly Policy _policy;
    private readonly Endpoint[] _endpoints;
    private readonly LoadAssignment _assignment;
    private readonly ClusterStats _stats;
    private readonly CircuitBreakers _active;
    private readonly RandomSource _random = new(1);
    private EndpointsSnapshot _snapshot = EndpointsSnapshot.Empty;
    private BalancerPlan? _plan;
    private LoadBalancer? _balancer;
    private int _flips;

    public Measurement(Policy policy, int count)
    {
        _policy = policy;
        _endpoints = [.. Enumerable.Range(0, count).Select(i => Make(i, policy))];
        _assignment = new LoadAssignment { Localities = [.. Enumerable.Range(0, policy.Localities).Select(i => new LocalityAssignment { Zone = $"z{i}", Weight = (uint)(policy.Localities > 1 ? i + 1 : 0) })] };
        var counts = new ActiveCounts();
        if (policy.Config.IsFullScan)
            Array.ForEach(_endpoints, endpoint => endpoint.CountIn(counts));
        var scope = new StatsStore().Scope("");
        _stats = new ClusterStats(scope);
        _active = CircuitBreakers.Create(null, scope);
        _plan = Update();
        _balancer = TakeOver();
    }

    /// <summary>A row of the table.</summary>
    public string Row()
    {
        var update = Best(static () => { }, () => _plan = Update(), 1);
        var takeOver = Best(() => _plan = Update(), () => _balancer = TakeOver(), 1);
        ulong hash = 0;
        var picks = _policy.Config.IsFullScan ? Math.Clamp(ScannedPerLap / _endpoints.Length, 10, PicksPerLap) : PicksPerLap;
        var pick = Best(static () => { }, () =>
        {
            for (var i = 0; i < picks; i++)
                _balancer!.Pick(new LoadBalancerContext(null, null) { Hash = hash += 0x9E3779B97F4A7C15, MetadataMatch = s_criteria });
        }, picks);
        return string.Create(CultureInfo.InvariantCulture, $"| {_policy.Name} | {_endpoints.Length:N0} | {update / 1000:N1} µs | {takeOver / 1000:N1} µs | {pick:N0} ns |");
    }

    private BalancerPlan Update()
    {
        // One fails, anywhere, and is well again with the next update.
        var endpoint = _endpoints[(_flips++ / 2 * 7919L) % _endpoints.Length];
        if (endpoint.Health == EndpointHealth.Healthy)
            endpoint.SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        else
            endpoint.ClearHealthFlags(EndpointHealthFlags.FailedActiveHc);
        _snapshot = EndpointsSnapshot.Build(_endpoints, _assignment, _snapshot);
        return BalancerPlan.Create(_policy.Config, _stats, _active, _snapshot, _plan);
    }

    private LoadBalancer TakeOver()
    {
        var balancer = _plan!.CreateBalancer(_random, _balancer);
        balancer.Pick(default);
        return balancer;
    }

    /// <summary>The fastest run, in nanoseconds per piece: others on the machine only ever make it slower.</summary>
    private static double Best(Action before, Action work, int pieces)
    {
        var best = double.MaxValue;
        var end = Stopwatch.GetTimestamp() + (long)(Seconds * Stopwatch.Frequency);
        do
        {
            before();
            var start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }
        while (Stopwatch.GetTimestamp() < end);
        return best / pieces;
    }

    private static Endpoint Make(int number, Policy policy)
    {
        var address = NetAddress.FromIP(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]), 80);
        return new Endpoint
        {
            Address = address,
            AddressText = address.ToString(),
            Hostname = "",
            Zone = $"z{number % policy.Localities}",
            Weight = policy.IsWeighted ? (uint)(1 + number % 7) : 1,
            Metadata = policy.Config.Subsets is null ? null : s_versions[number % s_versions.Length],
            Stats = new EndpointStats(),
        };
    }
}
