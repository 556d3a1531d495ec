using System.Globalization;
using System.Text;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Stats.Sinks.Hystrix;

/// <summary>Writes one cluster as the two events that a Hystrix dashboard draws. Main thread.</summary>
internal sealed class HystrixEvents(ByteWriter output)
{
    /// <summary>Of Envoy's quantiles those that the dashboard knows.</summary>
    private const double UnknownQuantile = 0.999;

    private bool _isFirst;

    /// <summary>The cluster as a command: what became of its requests.</summary>
    public void WriteCommand(ClusterConfig cluster, HystrixWindow window, long endpoints, long nowSeconds, long intervalMs)
    {
        var rolling = window.Rolling;
        Begin();
        Text("type", "HystrixCommand");
        Text("name", cluster.Name);
        Text("group", "NA");
        Number("currentTime", nowSeconds);
        Word("isCircuitBreakerOpen", "false");
        Number("errorPercentage", rolling.ErrorPercentage);
        Number("errorCount", rolling.Errors);
        Number("requestCount", rolling.Requests);
        Zeros("rollingCountCollapsedRequests", "rollingCountExceptionsThrown");
        Number("rollingCountFailure", rolling.Errors);
        Zeros("rollingCountFallbackFailure", "rollingCountFallbackRejection", "rollingCountFallbackSuccess", "rollingCountResponsesFromCache");
        Number("rollingCountSemaphoreRejected", rolling.Rejected);
        Zeros("rollingCountShortCircuited");
        Number("rollingCountSuccess", rolling.Successes);
        Zeros("rollingCountThreadPoolRejected");
        Number("rollingCountTimeout", rolling.Timeouts);
        Zeros("rollingCountBadRequests", "currentConcurrentExecutionCount");
        Text("latencyExecute_mean", "null");
        Quantiles("latencyExecute", window.Times);
        Zeros("propertyValue_circuitBreakerRequestVolumeThreshold", "propertyValue_circuitBreakerSleepWindowInMilliseconds", "propertyValue_circuitBreakerErrorThresholdPercentage");
        Word("propertyValue_circuitBreakerForceOpen", "false");
        Word("propertyValue_circuitBreakerForceClosed", "true");
        Text("propertyValue_executionIsolationStrategy", "SEMAPHORE");
        Zeros("propertyValue_executionIsolationThreadTimeoutInMilliseconds");
        Word("propertyValue_executionIsolationThreadInterruptOnTimeout", "false");
        Number("propertyValue_executionIsolationSemaphoreMaxConcurrentRequests", cluster.CircuitBreakers.Look(0).PendingRequests.Max);
        Zeros("propertyValue_fallbackIsolationSemaphoreMaxConcurrentRequests");
        Word("propertyValue_requestCacheEnabled", "false");
        Word("propertyValue_requestLogEnabled", "true");
        Number("reportingHosts", endpoints);
        Number("propertyValue_metricsRollingStatisticalWindowInMilliseconds", intervalMs);
        End();
    }

    /// <summary>The cluster as a pool of threads, which it has not: only its limit says something.</summary>
    public void WriteThreadPool(ClusterConfig cluster, long endpoints, long intervalMs)
    {
        Begin();
        Zeros("currentPoolSize", "rollingMaxActiveThreads", "currentActiveCount", "currentCompletedTaskCount");
        Number("propertyValue_queueSizeRejectionThreshold", cluster.CircuitBreakers.Look(0).PendingRequests.Max);
        Text("type", "HystrixThreadPool");
        Number("reportingHosts", endpoints);
        Number("propertyValue_metricsRollingStatisticalWindowInMilliseconds", intervalMs);
        Text("name", cluster.Name);
        Zeros("currentLargestPoolSize", "currentCorePoolSize", "currentQueueSize", "currentTaskCount", "rollingCountThreadsExecuted", "currentMaximumPoolSize");
        End();
    }

    private void Begin()
    {
        output.Write("data: {"u8);
        _isFirst = true;
    }

    private void End() => output.Write("}\n\n"u8);

    private void Zeros(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            Number(key, 0);
    }

    private void Number(string key, long value)
    {
        Key(key);
        output.Write(value);
    }

    private void Word(string key, string value)
    {
        Key(key);
        output.Write(value);
    }

    private void Text(string key, string value)
    {
        Key(key);
        JsonText.WriteString(output, Encoding.UTF8.GetBytes(value));
    }

    private void Quantiles(string key, HistogramData? times)
    {
        Key(key);
        output.Write((byte)'{');
        _isFirst = true;
        if (times is not null)
        {
            Span<double> values = stackalloc double[HistogramData.Quantiles.Length];
            times.ComputeQuantiles(values);
            for (var i = 0; i < values.Length; i++)
            {
                if (HistogramData.Quantiles[i] != UnknownQuantile && !double.IsNaN(values[i]))
                    Word((HistogramData.Quantiles[i] * 100).ToString("0.##", CultureInfo.InvariantCulture), values[i].ToString("0.000000", CultureInfo.InvariantCulture));
            }
        }

        output.Write((byte)'}');
        _isFirst = false;
    }

    private void Key(string key)
    {
        if (!_isFirst)
            output.Write(", "u8);
        _isFirst = false;
        output.Write((byte)'"');
        output.Write(key);
        output.Write("\": "u8);
    }
}
