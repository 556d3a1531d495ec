using Weft.Base.Stats;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>
/// The statistics of the stream to a management server, <c>control_plane.*</c>. Those of a stream for many types (ADS) have no prefix; those of a
/// stream for one type stand with each of its subscriptions, as in Envoy, where each of them has a stream of its own. Main thread.
/// </summary>
internal sealed class ControlPlaneStats : IComputedGauges, IComputedText
{
    private const string Prefix = "control_plane.";
    private const string RateLimitEnforcedName = "rate_limit_enforced";
    private const string IdentifierName = "identifier";

    private static readonly StatNames s_gauges = new("control plane", 2, static member => Prefix + NameOf(member), isAlwaysListed: true);

    private readonly Reading[] _gauges;

    private ControlPlaneStats(Gauge connected, Gauge pending, Counter rateLimitEnforced)
    {
        (Connected, PendingRequests, RateLimitEnforced) = (connected, pending, rateLimitEnforced);
        _gauges = [new Reading(connected), new Reading(pending)];
    }

    /// <summary>1 while there is a stream, 2 while it is to the server that stands in for the first; what several streams without a prefix say adds up.</summary>
    public Gauge Connected { get; }

    /// <summary>Requests that rate_limit_settings holds back.</summary>
    public Gauge PendingRequests { get; }

    /// <summary>Times that it held one back.</summary>
    public Counter RateLimitEnforced { get; }

    /// <summary>control_plane.identifier of the last response that had one; "": none had.</summary>
    public string Identifier { get; set; } = "";

    StatNames IComputedGauges.Names => s_gauges;

    string IComputedText.Text => Identifier;

    /// <summary>Those of a stream for many types.</summary>
    public static ControlPlaneStats OfMany(StatsStore stats)
    {
        var scope = stats.LastingScope(Prefix);
        var made = new ControlPlaneStats(scope.Gauge(NameOf(0)), scope.Gauge(NameOf(1)), scope.Counter(RateLimitEnforcedName));
        scope.Text(IdentifierName, made);
        return made;
    }

    /// <summary>Those of a stream for one type: see <see cref="ListIn"/>.</summary>
    public static ControlPlaneStats OfOne(StatsStore stats)
    {
        // Never given back: they are listed for as long as what subscribes, which may outlive the stream.
        var cells = stats.TakeUnlisted(3);
        return new ControlPlaneStats(cells.Gauge(0), cells.Gauge(1), cells.Counter(2));
    }

    /// <summary>Lists them with the statistics of a subscription.</summary>
    public void ListIn(StatsScope subscription)
    {
        subscription.ComputedGauges(this);
        subscription.Name(Prefix + RateLimitEnforcedName, RateLimitEnforced);
        subscription.Text(Prefix + IdentifierName, this);
    }

    IComputedGauge IComputedGauges.Gauge(int member) => _gauges[member];

    private static string NameOf(int gauge) => gauge == 0 ? "connected_state" : "pending_requests";

    private sealed class Reading(Gauge gauge) : IComputedGauge
    {
        public long Value => gauge.Value;
    }
}
