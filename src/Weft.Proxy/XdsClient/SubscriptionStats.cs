using Weft.Base.Hashing;
using Weft.Base.Stats;

namespace Weft.Proxy.XdsClient;

/// <summary>The statistics of a subscription, under Envoy's names: <c>cluster_manager.cds.*</c>, <c>cluster.NAME.*</c>, ...</summary>
internal sealed class SubscriptionStats : IComputedText
{
    private static readonly StatNames s_refusals = new("subscription", 2, static member => member == 0 ? "update_rejected" : "init_fetch_timeout", isAlwaysListed: true);

    private readonly CounterFamily _refusals;

    public SubscriptionStats(StatsScope scope)
    {
        UpdateAttempt = scope.Counter("update_attempt");
        UpdateSuccess = scope.Counter("update_success");
        UpdateFailure = scope.Counter("update_failure");
        _refusals = scope.Counters(s_refusals);
        UpdateDuration = scope.Histogram("update_duration", HistogramUnit.Milliseconds);
        UpdateTime = scope.Gauge("update_time");
        Version = scope.Gauge("version");
        scope.Text("version_text", this);
    }

    public Counter UpdateAttempt { get; }

    public Counter UpdateSuccess { get; }

    /// <summary>The source could not be read or reached.</summary>
    public Counter UpdateFailure { get; }

    /// <summary>An update came and was refused, wholly or in part.</summary>
    public Counter UpdateRejected => _refusals[0];

    public Counter InitFetchTimeout => _refusals[1];

    public Histogram UpdateDuration { get; }

    /// <summary>Milliseconds since 1970 of the last accepted update.</summary>
    public Gauge UpdateTime { get; }

    /// <summary>A hash of the accepted version.</summary>
    public Gauge Version { get; }

    /// <summary>The accepted version; "" before the first.</summary>
    public string VersionText { get; private set; } = "";

    string IComputedText.Text => VersionText;

    public void OnAccepted(string version, DateTimeOffset now)
    {
        UpdateSuccess.Inc();
        UpdateTime.Set(now.ToUnixTimeMilliseconds());
        Version.Set((long)XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes(version)));
        VersionText = version;
    }
}
