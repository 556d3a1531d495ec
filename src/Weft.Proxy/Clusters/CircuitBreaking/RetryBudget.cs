using Weft.Proxy.Runtime;
using BudgetMessage = Envoy.Config.Cluster.V3.CircuitBreakers.Types.Thresholds.Types.RetryBudget;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>retry_budget: retries may be a share of the requests that are active and waiting, but always a few. Asked only when something is retried; any thread.</summary>
internal sealed class RetryBudget(BudgetMessage? config, RuntimeLayers? runtime, RuntimeKey keyPrefix, ResourceLimit requests, ResourceLimit pending)
{
    private const double DefaultPercent = 20;
    private const ulong DefaultMinConcurrency = 3;

    private string? _percentKey;
    private string? _minKey;

    /// <summary>How many retries may be under way now; null without a budget, when max_retries counts.</summary>
    public long? Max
    {
        get
        {
            var snapshot = runtime?.Current ?? RuntimeSnapshot.Empty;
            var percent = config?.BudgetPercent?.Value ?? double.NaN;
            ulong min = config?.MinRetryConcurrency ?? ulong.MaxValue;
            if (snapshot.KeyCount > 0)
            {
                percent = snapshot.GetDouble(_percentKey ??= KeyOf("retry_budget.budget_percent"), percent);
                min = snapshot.GetInteger(_minKey ??= KeyOf("retry_budget.min_retry_concurrency"), min);
            }

            if (config is null && double.IsNaN(percent) && min == ulong.MaxValue)
                return null;
            var share = (double.IsNaN(percent) ? DefaultPercent : percent) / 100 * (requests.Current + pending.Current);
            return Math.Max((long)share, (long)(min == ulong.MaxValue ? DefaultMinConcurrency : Math.Min(min, uint.MaxValue)));
        }
    }

    private string KeyOf(string name) => (keyPrefix with { Name = name }).ToString();
}
