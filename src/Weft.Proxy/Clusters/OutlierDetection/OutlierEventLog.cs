using System.Text;
using Envoy.Data.Cluster.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.AccessLogs;
using Action = Envoy.Data.Cluster.V3.Action;

namespace Weft.Proxy.Clusters.OutlierDetection;

/// <summary>Writes a line of JSON for each ejection and return, in Envoy's form (OutlierDetectionEvent). Main thread.</summary>
/// <param name="file">cluster_manager.outlier_detection.event_log_path; null: nothing is written.</param>
internal sealed class OutlierEventLog(ClusterConfig cluster, EventLoop loop, AccessLogFile? file)
{
    private static readonly PrintOptions OneLine = new() { AllFields = true, Indented = false, Redacted = false };

    /// <param name="isEnforced">False: it was only detected.</param>
    /// <param name="threshold">For ejections by success rate.</param>
    public void Ejected(OutlierMonitor monitor, OutlierEjectionType type, bool isEnforced, SuccessRateThreshold threshold)
    {
        if (file is null)
            return;
        var happened = Create(monitor, monitor.UnejectedAtMs);
        happened.Type = type;
        happened.Action = Action.Eject;
        happened.Enforced = isEnforced;
        Describe(happened, monitor, threshold);
        Write(happened);
    }

    public void Unejected(OutlierMonitor monitor)
    {
        if (file is null)
            return;
        var happened = Create(monitor, monitor.EjectedAtMs);
        happened.Action = Action.Uneject;
        Write(happened);
    }

    private static void Describe(OutlierDetectionEvent happened, OutlierMonitor monitor, SuccessRateThreshold threshold)
    {
        var isLocal = happened.Type is OutlierEjectionType.SuccessRateLocalOrigin or OutlierEjectionType.FailurePercentageLocalOrigin;
        var rate = Percent((isLocal ? monitor.LocalOrigin : monitor.External).SuccessRate);
        switch (happened.Type)
        {
            case OutlierEjectionType.SuccessRate or OutlierEjectionType.SuccessRateLocalOrigin:
                happened.EjectSuccessRateEvent = new OutlierEjectSuccessRate
                {
                    HostSuccessRate = rate,
                    ClusterAverageSuccessRate = Percent(threshold.Average),
                    ClusterSuccessRateEjectionThreshold = Percent(threshold.Ejection),
                };
                break;
            case OutlierEjectionType.FailurePercentage or OutlierEjectionType.FailurePercentageLocalOrigin:
                happened.EjectFailurePercentageEvent = new OutlierEjectFailurePercentage { HostSuccessRate = rate };
                break;
            default:
                happened.EjectConsecutiveEvent = new OutlierEjectConsecutive();
                break;
        }
    }

    private static uint Percent(double value) => (uint)Math.Clamp(value, 0, 100);

    private OutlierDetectionEvent Create(OutlierMonitor monitor, long? lastActionMs) => new()
    {
        Timestamp = Timestamp.FromDateTime(loop.UtcNow),
        SecsSinceLastAction = lastActionMs is { } at ? (ulong)((loop.NowMs - at) / 1000) : null,
        ClusterName = cluster.Name,
        UpstreamUrl = monitor.Endpoint.AddressText,
        NumEjections = monitor.Ejections,
    };

    private void Write(OutlierDetectionEvent happened) => file!.Write(Encoding.UTF8.GetBytes(MessagePrinter.ToJson(happened, OneLine) + "\n"));
}
