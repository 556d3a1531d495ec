using Weft.Proxy.Runtime;
using BudgetMessage = Envoy.Config.Cluster.V3.CircuitBreakers.Types.Thresholds.Types.RetryBudget;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>retry_budget: retries may be a share of the requests that are active and waiting, but always a few. Asked only when something is retried; any thread.</summary>
internal sealed class RetryBudget(BudgetMessage? config, RuntimeLayers? runtime, string keyPrefix, ResourceLimit requests, ResourceLimit pending)
{
    private const double DefaultPercent = 20;
    private const ulong DefaultMinConcurrency = 3;

    private readonly string _percentKey = keyPrefix + "retry_budget.budget_percent";
    private readonly string _minKey = keyPrefix + "retry_budget.min_retry_concurrency";

    /// <summary>A budget is configured.</summary>
    public bool IsConfigured => config is not null;

    /// <summary>How many retries may be under way now; null without a budget, when max_retries counts.</summary>
    public long? Max
    {
        get
        {
            var snapshot = runtime?.Current ?? RuntimeSnapshot.Empty;
            var percent = snapshot.GetDouble(_percentKey, config?.BudgetPercent?.Value ?? double.NaN);
            var min = snapshot.GetInteger(_minKey, config?.MinRetryConcurrency ?? ulong.MaxValue);
            if (config is null && double.IsNaN(percent) && min == ulong.MaxValue)
                return null;
            var share = (double.IsNaN(percent) ? DefaultPercent : percent) / 100 * (requests.Current + pending.Current);
            return Math.Max((long)share, (long)(min == ulong.MaxValue ? DefaultMinConcurrency : Math.Min(min, uint.MaxValue)));
        }
    }
}
