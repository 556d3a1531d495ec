using Envoy.Data.Cluster.V3;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Clusters.OutlierDetection;

/// <summary>
/// What the workers report of one endpoint. The reports are atomics on a few numbers: no lock, no allocation, and a write only where a number
/// changes. What an ejection needs besides is the main thread's.
/// </summary>
/// <remarks>
/// A connection that fails, or a request without an answer, counts as an answer of 503 or 504, unless failures of local origin are
/// told apart (split_external_local_origin_errors).
/// </remarks>
public sealed class OutlierMonitor
{
    private const int ServiceUnavailable = 503;
    private const int Ok = 200;

    private readonly OutlierDetector _detector;
    private readonly OutlierDetectionConfig _config;
    private readonly RuntimeLayers _runtime;
    private int _consecutive5xx;
    private int _consecutiveGatewayFailures;
    private int _consecutiveLocalOriginFailures;

    /// <param name="former">Who reported of the endpoint until now: its ejections stay known; null: nobody.</param>
    internal OutlierMonitor(OutlierDetector detector, Endpoint endpoint, RuntimeLayers runtime, OutlierMonitor? former = null)
    {
        _detector = detector;
        _config = detector.Config;
        _runtime = runtime;
        Endpoint = endpoint;
        if (former is null)
            return;
        (Ejections, Backoff, JitterMs) = (former.Ejections, former.Backoff, former.JitterMs);
        (EjectedAtMs, UnejectedAtMs) = (former.EjectedAtMs, former.UnejectedAtMs);
    }

    internal Endpoint Endpoint { get; }

    /// <summary>Answers of the endpoint and, unless they are told apart, failures to reach it.</summary>
    internal RequestWindow External { get; } = new();

    /// <summary>Attempts to reach it, where they are told apart.</summary>
    internal RequestWindow LocalOrigin { get; } = new();

    /// <summary>Ejections so far, as events tell them. Main thread.</summary>
    internal uint Ejections { get; set; }

    /// <summary>How many times the base time the next ejection lasts; falls while the endpoint behaves. Main thread.</summary>
    internal int Backoff { get; set; }

    /// <summary>Milliseconds that the ejection lasts longer by chance. Main thread.</summary>
    internal long JitterMs { get; set; }

    /// <summary>Loop time; null: never. Main thread.</summary>
    internal long? EjectedAtMs { get; set; }

    /// <summary>Loop time; null: never. Main thread.</summary>
    internal long? UnejectedAtMs { get; set; }

    internal bool IsEjected => (Endpoint.HealthFlags & EndpointHealthFlags.FailedOutlierCheck) != 0;

    /// <summary>The endpoint has answered (HTTP status, or that of a gRPC status that stands in the head). Any worker.</summary>
    public void PutStatus(int status)
    {
        var isFailure = status >= 500;
        External.Count(isSuccess: !isFailure);
        if (!isFailure)
        {
            ClearIfSet(ref _consecutive5xx);
            ClearIfSet(ref _consecutiveGatewayFailures);
            return;
        }

        if (status is 502 or 503 or 504)
            CountFailure(ref _consecutiveGatewayFailures, _config.ConsecutiveGatewayFailure, OutlierEjectionType.ConsecutiveGatewayFailure);
        else
            ClearIfSet(ref _consecutiveGatewayFailures);
        CountFailure(ref _consecutive5xx, _config.Consecutive5xx, OutlierEjectionType.Consecutive5Xx);
    }

    /// <summary>There is a connection. Any worker.</summary>
    /// <param name="isFinal">No answer will follow to be judged: TCP.</param>
    public void PutConnected(bool isFinal)
    {
        if (_config.SplitsLocalOrigin)
        {
            LocalOrigin.Count(isSuccess: true);
            ClearIfSet(ref _consecutiveLocalOriginFailures);
        }
        else if (isFinal)
        {
            PutStatus(Ok);
        }
    }

    /// <summary>The connection failed, or ended before the answer. Any worker.</summary>
    public void PutConnectFailed() => PutLocalOriginFailure(ServiceUnavailable);

    /// <summary>No connection or no answer came in time. Any worker.</summary>
    /// <param name="status">What the client was told for it.</param>
    public void PutTimeout(int status = 504) => PutLocalOriginFailure(status);

    internal void ResetConsecutive(OutlierEjectionType type)
    {
        if (type == OutlierEjectionType.Consecutive5Xx)
            Volatile.Write(ref _consecutive5xx, 0);
        else if (type == OutlierEjectionType.ConsecutiveGatewayFailure)
            Volatile.Write(ref _consecutiveGatewayFailures, 0);
        else
            Volatile.Write(ref _consecutiveLocalOriginFailures, 0);
    }

    private void PutLocalOriginFailure(int status)
    {
        if (!_config.SplitsLocalOrigin)
        {
            PutStatus(status);
            return;
        }

        LocalOrigin.Count(isSuccess: false);
        CountFailure(ref _consecutiveLocalOriginFailures, _config.ConsecutiveLocalOriginFailure, OutlierEjectionType.ConsecutiveLocalOriginFailure);
    }

    /// <summary>Exactly one worker finds the threshold, and tells the main thread.</summary>
    private void CountFailure(ref int count, OutlierSetting threshold, OutlierEjectionType type)
    {
        if (Interlocked.Increment(ref count) == threshold.Of(_runtime.Current))
            _detector.PostConsecutive(this, type);
    }

    private static void ClearIfSet(ref int count)
    {
        if (Volatile.Read(ref count) != 0)
            Volatile.Write(ref count, 0);
    }
}
