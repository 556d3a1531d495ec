using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>
/// The statistics <c>http.PREFIX.user_agent.DEVICE.*</c> of connections whose first request comes from a kind of device, under Envoy's names; listed
/// once there was one.
/// </summary>
/// <param name="scope"><c>http.PREFIX.</c></param>
/// <param name="device">Its place among the devices that are told apart.</param>
public sealed class UserAgentStats(StatsScope scope, int device)
{
    public const int Ios = 0, Android = 1;

    private const int CountersOfDevice = 3;

    private static readonly string[] s_devices = ["ios", "android"];
    private static readonly string[] s_counters = ["downstream_cx_total", "downstream_cx_destroy_remote_active_rq", "downstream_rq_total"];

    private static readonly StatNames s_counterNames = new(
        "user agents", s_devices.Length * CountersOfDevice, static member => $"user_agent.{s_devices[member / CountersOfDevice]}.{s_counters[member % CountersOfDevice]}");

    private static readonly StatNames s_timeNames = new("user agent times", s_devices.Length, static member => $"user_agent.{s_devices[member]}.downstream_cx_length_ms");

    private readonly CounterFamily _counters = scope.Counters(s_counterNames);
    private readonly HistogramFamily _times = scope.Histograms(s_timeNames, HistogramUnit.Milliseconds);

    public Counter DownstreamCxTotal => _counters[device * CountersOfDevice];

    public Counter DownstreamCxDestroyRemoteActiveRq => _counters[(device * CountersOfDevice) + 1];

    public Counter DownstreamRqTotal => _counters[(device * CountersOfDevice) + 2];

    public Histogram DownstreamCxLengthMs => _times[device];
}
