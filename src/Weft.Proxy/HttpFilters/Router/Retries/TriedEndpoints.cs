using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;

namespace Weft.Proxy.HttpFilters.Router.Retries;

/// <summary>Where a request has been sent already, and so where a retry should not go. Pooled with its <see cref="RetryState"/>; worker thread.</summary>
internal sealed class TriedEndpoints : RetrySelection
{
    private readonly List<Endpoint> _endpoints = [];
    private RetryPolicyConfig _policy = RetryPolicyConfig.None;
    private ulong _excludedPriorities;

    public override int MaxAttempts => _policy.HostSelectionAttempts;

    /// <summary>The policy says something about the choice of endpoints.</summary>
    public bool Matters => _policy.HostPredicates.Length > 0 || _policy.PriorityUpdateFrequency > 0;

    public void Begin(RetryPolicyConfig policy)
    {
        _policy = policy;
        _endpoints.Clear();
        _excludedPriorities = 0;
    }

    public void Add(Endpoint endpoint)
    {
        if (!Matters)
            return;
        _endpoints.Add(endpoint);
        if (_policy.PriorityUpdateFrequency > 0 && _endpoints.Count % _policy.PriorityUpdateFrequency == 0)
        {
            foreach (var tried in _endpoints)
                _excludedPriorities |= PriorityBit(tried.Priority);
        }
    }

    public override bool Rejects(Endpoint endpoint)
    {
        foreach (var predicate in _policy.HostPredicates)
        {
            if (predicate.Rejects(endpoint, _endpoints))
                return true;
        }

        return false;
    }

    public override bool HasTried(int priority) => (_excludedPriorities & PriorityBit(priority)) != 0;

    // Beyond 64 priorities nothing is excluded: nobody has that many.
    private static ulong PriorityBit(int priority) => priority < 64 ? 1UL << priority : 0;
}
