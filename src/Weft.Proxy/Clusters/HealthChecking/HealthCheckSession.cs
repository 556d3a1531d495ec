using Envoy.Data.Core.V3;
using Weft.Net;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>
/// The checks of one endpoint: when the next is due, how many in a row went which way, and what follows for the endpoint's
/// flags. What a check sends and expects is the subclass's. Main thread, but <see cref="FailImmediately"/>.
/// </summary>
internal abstract class HealthCheckSession : IDisposable
{
    private readonly LoopTimer _interval;
    private readonly LoopTimer _timeout;
    private uint _healthyInARow;
    private uint _unhealthyInARow;
    private int _isFailPosted;

    protected HealthCheckSession(HealthChecker checker, Endpoint endpoint)
    {
        Checker = checker;
        Endpoint = endpoint;
        _interval = new LoopTimer(checker.Loop, OnInterval);
        _timeout = new LoopTimer(checker.Loop, OnTimeout);
        if (!Has(EndpointHealthFlags.FailedActiveHc))
            checker.Stats.Healthy.Inc();
        if (Has(EndpointHealthFlags.DegradedActiveHc))
            checker.Stats.Degraded.Inc();
    }

    public Endpoint Endpoint { get; }

    /// <summary>No result yet.</summary>
    public bool IsFirstCheck { get; private set; } = true;

    /// <summary>The endpoint is gone: nothing is reported any more.</summary>
    public bool IsDisposed { get; private set; }

    protected HealthChecker Checker { get; }

    protected HealthCheckConfig Config => Checker.Config;

    /// <summary>Begins with the first check, at once unless initial_jitter puts it off.</summary>
    public void Start()
    {
        if (Config.Intervals.InitialJitterMs == 0)
            OnInterval();
        else
            _interval.Arm(Config.Intervals.FirstMs(Checker.Random, Checker.Runtime));
    }

    /// <summary>
    /// The endpoint said on ordinary traffic that it fails (x-envoy-immediate-health-check-fail): it counts as excluded at once and as
    /// failed as soon as the main thread gets to it. Any thread; repeated calls cost one atomic read.
    /// </summary>
    public void FailImmediately()
    {
        if (Volatile.Read(ref _isFailPosted) != 0 || Interlocked.Exchange(ref _isFailPosted, 1) != 0)
            return;
        Endpoint.SetHealthFlags(EndpointHealthFlags.ExcludedViaImmediateHcFail);
        Checker.Loop.Post(() =>
        {
            Volatile.Write(ref _isFailPosted, 0);
            if (!IsDisposed)
                MarkUnhealthy(HealthCheckFailureType.Passive, isRetriable: false);
        });
    }

    public void Dispose()
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        _interval.Cancel();
        _timeout.Cancel();
        if (!Has(EndpointHealthFlags.FailedActiveHc))
            Checker.Stats.Healthy.Dec();
        if (Has(EndpointHealthFlags.DegradedActiveHc))
            Checker.Stats.Degraded.Dec();
        Abandon();
    }

    /// <summary>Sends the check; its result comes later, never from within this call.</summary>
    protected abstract void BeginCheck();

    /// <summary>Gives up what runs and closes the connection: a timeout, or the end.</summary>
    protected abstract void Abandon();

    /// <summary>The check that runs has succeeded.</summary>
    protected void Succeed(bool isDegraded = false)
    {
        if (IsDisposed)
            return;
        _unhealthyInARow = 0;
        var transition = MarkHealthy();
        if (transition != HealthTransition.Changed && Config.LogsEverySuccess)
            Checker.Events.Success(Endpoint);
        if (EndPending())
            transition = HealthTransition.Changed;
        if (MarkDegraded(isDegraded) && transition == HealthTransition.Unchanged)
            transition = HealthTransition.Changed;
        Checker.Stats.Success.Inc();
        Finish(transition, isHealthy: true);
    }

    /// <summary>The check that runs has failed.</summary>
    /// <param name="isRetriable">The answer was wrong in a way that is configured to need a second one.</param>
    protected void Fail(HealthCheckFailureType failure, bool isRetriable = false)
    {
        if (IsDisposed)
            return;
        var transition = MarkUnhealthy(failure, isRetriable);
        if (!IsDisposed)
            ArmNext(isSuccess: false, transition);
    }

    private static bool IsNetworkFailure(HealthCheckFailureType failure) => failure is HealthCheckFailureType.Network or HealthCheckFailureType.NetworkTimeout;

    private bool Has(EndpointHealthFlags flag) => (Endpoint.HealthFlags & flag) != 0;

    private void OnInterval()
    {
        Checker.Stats.Attempt.Inc();
        _timeout.Arm(Config.TimeoutMs);
        BeginCheck();
    }

    private void OnTimeout()
    {
        Abandon();
        Fail(HealthCheckFailureType.NetworkTimeout);
    }

    private void Finish(HealthTransition transition, bool isHealthy)
    {
        IsFirstCheck = false;
        Checker.OnChecked(this, transition, isHealthy);
        if (!IsDisposed)
            ArmNext(isHealthy, transition);
    }

    private void ArmNext(bool isSuccess, HealthTransition transition)
    {
        _timeout.Cancel();
        _interval.Arm(Config.Intervals.NextMs(isSuccess, transition, Checker.HasTraffic, Checker.Random, Checker.Runtime));
    }

    private HealthTransition MarkHealthy()
    {
        if (!Has(EndpointHealthFlags.FailedActiveHc))
            return HealthTransition.Unchanged;
        // The first result ever decides alone, so that a start does not take several intervals.
        if (!IsFirstCheck && ++_healthyInARow < Config.HealthyThreshold)
            return HealthTransition.Pending;
        Endpoint.ClearHealthFlags(EndpointHealthFlags.FailedActiveHc | EndpointHealthFlags.ActiveHcTimeout | EndpointHealthFlags.ExcludedViaImmediateHcFail);
        Checker.Stats.Healthy.Inc();
        Checker.Events.AddHealthy(Endpoint, IsFirstCheck);
        return HealthTransition.Changed;
    }

    private HealthTransition MarkUnhealthy(HealthCheckFailureType failure, bool isRetriable)
    {
        _healthyInARow = 0;
        var transition = CountFailure(failure, isRetriable);
        // The flag follows the newest failure: an endpoint may go from silence to refusal and back.
        if (failure == HealthCheckFailureType.NetworkTimeout && Has(EndpointHealthFlags.FailedActiveHc))
            Endpoint.SetHealthFlags(EndpointHealthFlags.ActiveHcTimeout);
        else
            Endpoint.ClearHealthFlags(EndpointHealthFlags.ActiveHcTimeout);
        if (EndPending())
            transition = HealthTransition.Changed;
        if (IsFirstCheck || Config.LogsEveryFailure)
            Checker.Events.Failure(Endpoint, failure, IsFirstCheck);
        Checker.Stats.Failure.Inc();
        if (IsNetworkFailure(failure))
            Checker.Stats.NetworkFailure.Inc();
        else if (failure == HealthCheckFailureType.Passive)
            Checker.Stats.PassiveFailure.Inc();
        IsFirstCheck = false;
        Checker.OnChecked(this, transition, isHealthy: false);
        return transition;
    }

    /// <summary>A wrong answer is enough; failures of the network must reach the threshold.</summary>
    private HealthTransition CountFailure(HealthCheckFailureType failure, bool isRetriable)
    {
        if (Has(EndpointHealthFlags.FailedActiveHc))
            return HealthTransition.Unchanged;
        var needsMore = IsNetworkFailure(failure) || isRetriable;
        if (needsMore && ++_unhealthyInARow < Config.UnhealthyThreshold)
            return HealthTransition.Pending;
        Endpoint.SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        Checker.Stats.Healthy.Dec();
        Checker.Events.EjectUnhealthy(Endpoint, failure);
        return HealthTransition.Changed;
    }

    private bool EndPending()
    {
        if (!Has(EndpointHealthFlags.PendingActiveHc))
            return false;
        Endpoint.ClearHealthFlags(EndpointHealthFlags.PendingActiveHc);
        return true;
    }

    private bool MarkDegraded(bool isDegraded)
    {
        if (isDegraded == Has(EndpointHealthFlags.DegradedActiveHc))
            return false;
        if (isDegraded)
        {
            Endpoint.SetHealthFlags(EndpointHealthFlags.DegradedActiveHc);
            Checker.Stats.Degraded.Inc();
            Checker.Events.Degraded(Endpoint);
        }
        else
        {
            Endpoint.ClearHealthFlags(EndpointHealthFlags.DegradedActiveHc);
            Checker.Stats.Degraded.Dec();
            Checker.Events.NoLongerDegraded(Endpoint);
        }

        return true;
    }
}
