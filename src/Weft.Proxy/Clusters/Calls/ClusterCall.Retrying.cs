using Weft.Net;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.HttpFilters.Router.Retries;

namespace Weft.Proxy.Clusters.Calls;

/// <content>Attempts that follow one that failed, as a policy says; the handler hears only of the last.</content>
internal sealed partial class ClusterCall
{
    private RetryState? _policyState;
    private LoopTimer? _tryTimeout;

    /// <summary>Which outcomes are tried again, within the call's timeout; null: none.</summary>
    public RetryPolicyConfig? Policy { get; init; }

    /// <summary>How many attempts were made, during the handler's call.</summary>
    public int Attempts { get; private set; }

    private void BeginPolicy(WorkerCluster cluster)
    {
        Attempts = 1;
        if (Policy is null)
            return;
        _policyState ??= new RetryState(_worker.Loop, _worker.Random, TryAgain);
        _policyState.Begin(Policy, Headers, cluster.Config, priority: 0, cluster.Config.Runtime.Current);
        ArmTryTimeout();
    }

    /// <summary>A further attempt follows: the outcome of this one is only counted.</summary>
    /// <param name="failure">Null: there is a response.</param>
    /// <param name="charged">The status to count.</param>
    private bool IsTriedAgain(ResetReason? failure, int charged)
    {
        if (_policyState is not { } state)
            return false;
        var verdict = failure is { } reason ? state.OnReset(reason, requestStarted: true) : state.OnResponse(_responseHeaders);
        if (verdict != RetryVerdict.Yes)
            return false;
        Charge(charged);
        _tryTimeout?.Cancel();
        ForgetResponse();
        return true;
    }

    private void TryAgain()
    {
        Attempts++;
        _startUs = _worker.Loop.NowUs;
        _hasRetried = false;
        ArmTryTimeout();
        Start();
    }

    private void ArmTryTimeout()
    {
        if (Policy!.PerTryTimeoutMs <= 0)
            return;
        _tryTimeout ??= new LoopTimer(_worker.Loop, OnTryTimeout);
        _tryTimeout.Arm(Policy.PerTryTimeoutMs);
    }

    private void OnTryTimeout()
    {
        _cluster!.Config.Stats.UpstreamRqPerTryTimeout.Inc();
        _endpoint?.Stats.RqTimeout.Inc();
        AbandonAttempt();
        if (IsTriedAgain(ResetReason.LocalReset, charged: 504))
            return;
        _responseHeaders.Clear();
        End(status: 0, charged: 504);
    }

    private void EndPolicy()
    {
        _policyState?.End();
        _tryTimeout?.Cancel();
    }
}
