namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Which endpoints of a priority a request goes to.</summary>
internal enum EndpointSelection : byte
{
    Healthy,
    Degraded,

    /// <summary>Panic: too few are healthy for health to mean much.</summary>
    All,
}

/// <summary>
/// How many percent of the requests each priority gets, for its healthy and its degraded endpoints, and where panic
/// reigns: Envoy's rules. Immutable, computed from one snapshot.
/// </summary>
/// <remarks>
/// A priority's availability is its healthy share times the overprovisioning factor, at most 100. Priorities are filled
/// in order, healthy endpoints of all of them first, degraded ones with what is left; sums below 100 are scaled up. A priority is
/// in panic when its healthy share is below the threshold and all priorities together cannot take the load.
/// </remarks>
internal sealed class PriorityLoads
{
    private static PriorityLoads? s_whole;

    private readonly int[] _healthyLoad;
    private readonly int[] _degradedLoad;
    private readonly bool[] _isPanic;
    private readonly int[] _healthyAvailability;
    private readonly int[] _degradedAvailability;

    public PriorityLoads(EndpointsSnapshot endpoints, int panicThresholdPercent)
    {
        var priorities = endpoints.Priorities;
        _healthyLoad = new int[priorities.Count];
        _degradedLoad = new int[priorities.Count];
        _isPanic = new bool[priorities.Count];

        var healthy = _healthyAvailability = new int[priorities.Count];
        var degraded = _degradedAvailability = new int[priorities.Count];
        for (var i = 0; i < priorities.Count; i++)
            (healthy[i], degraded[i]) = Availability(endpoints, priorities[i]);
        var total = Math.Min(100, healthy.Sum() + degraded.Sum());
        if (total > 0)
            Distribute(healthy, degraded, total);
        SetPanic(priorities, total, panicThresholdPercent);
    }

    /// <summary>The loads of a cluster's endpoints. Nearly all clusters have one priority and healthy endpoints: they share one object. Any thread.</summary>
    public static PriorityLoads Of(EndpointsSnapshot endpoints, int panicThresholdPercent) =>
        endpoints is { Priorities: [{ All.Length: > 0, Excluded.Length: 0 } only], OverprovisioningFactor: >= 100 } && only.Healthy.Length == only.All.Length
            ? s_whole ??= new PriorityLoads(endpoints, panicThresholdPercent)
            : new PriorityLoads(endpoints, panicThresholdPercent);

    public int Count => _isPanic.Length;

    /// <summary>Percent of the requests for the healthy (in panic: all) endpoints of a priority.</summary>
    public int HealthyLoad(int priority) => _healthyLoad[priority];

    /// <summary>Percent of the requests for the degraded endpoints of a priority.</summary>
    public int DegradedLoad(int priority) => _degradedLoad[priority];

    public bool IsPanic(int priority) => _isPanic[priority];

    /// <summary>The priority that a random number falls on; -1 when there is none that may be used.</summary>
    public int Choose(ulong random, out EndpointSelection selection)
    {
        var point = (int)(random % 100) + 1;
        for (var i = 0; i < _healthyLoad.Length; i++)
        {
            point -= _healthyLoad[i];
            if (point > 0)
                continue;
            selection = _isPanic[i] ? EndpointSelection.All : EndpointSelection.Healthy;
            return i;
        }
        for (var i = 0; i < _degradedLoad.Length; i++)
        {
            point -= _degradedLoad[i];
            if (point > 0)
                continue;
            selection = _isPanic[i] ? EndpointSelection.All : EndpointSelection.Degraded;
            return i;
        }
        selection = EndpointSelection.Healthy;
        return -1;
    }

    /// <summary>As above, unless the context says which priority it is.</summary>
    public int Choose(ulong random, in LoadBalancerContext context, out EndpointSelection selection)
    {
        if (context.Forced is not { } forced || (uint)forced.Priority >= (uint)_isPanic.Length)
            return Choose(random, context.Retry, out selection);
        selection = _isPanic[forced.Priority] ? EndpointSelection.All : forced.Selection;
        return forced.Priority;
    }

    /// <summary>As above for a retry: priorities that were tried get nothing while others can take the request.</summary>
    public int Choose(ulong random, RetrySelection? retry, out EndpointSelection selection) =>
        retry is not null && AvailabilityUntried(retry) is > 0 and var total ? ChooseUntried(random, retry, total, out selection) : Choose(random, out selection);

    /// <summary>The availability of all priorities that were not tried; 0 when all or none of those in use were.</summary>
    private int AvailabilityUntried(RetrySelection retry)
    {
        var (total, hasTried) = (0, false);
        for (var i = 0; i < _isPanic.Length; i++)
        {
            if (retry.HasTried(i))
                hasTried = true;
            else
                total += _healthyAvailability[i] + _degradedAvailability[i];
        }
        return hasTried ? Math.Min(100, total) : 0;
    }

    private int ChooseUntried(ulong random, RetrySelection retry, int total, out EndpointSelection selection)
    {
        var point = (int)(random % 100) + 1;
        var left = 100;
        var last = -1;
        selection = EndpointSelection.Healthy;
        for (var pass = 0; pass < 2; pass++)
        {
            var availability = pass == 0 ? _healthyAvailability : _degradedAvailability;
            for (var i = 0; i < availability.Length; i++)
            {
                if (availability[i] == 0 || retry.HasTried(i))
                    continue;
                var load = Math.Min(left, availability[i] * 100 / total);
                left -= load;
                point -= load;
                last = i;
                selection = _isPanic[i] ? EndpointSelection.All : pass == 0 ? EndpointSelection.Healthy : EndpointSelection.Degraded;
                if (point <= 0)
                    return i;
            }
        }
        // What rounding left.
        return last;
    }

    private static (int Healthy, int Degraded) Availability(EndpointsSnapshot endpoints, EndpointsOfPriority priority)
    {
        if (priority.All.Length == priority.Excluded.Length)
            return (0, 0);
        var weighted = endpoints.WeightedPriorityHealth;
        var total = Size(priority.All, weighted) - Size(priority.Excluded, weighted);
        return (Percent(Size(priority.Healthy, weighted)), Percent(Size(priority.Degraded, weighted)));

        int Percent(long part) => (int)Math.Min(100, endpoints.OverprovisioningFactor * part / total);
    }

    private static long Size(Endpoint[] endpoints, bool weighted) => weighted ? endpoints.Sum(endpoint => (long)endpoint.Weight) : endpoints.Length;

    private void Distribute(int[] healthy, int[] degraded, int total)
    {
        var left = Fill(_healthyLoad, healthy, 100, total);
        left = Fill(_degradedLoad, degraded, left, total);
        if (left == 0)
            return;
        // What rounding left goes to the first that has any.
        var first = Array.FindIndex(healthy, availability => availability > 0);
        if (first >= 0)
            _healthyLoad[first] += left;
        else
            _degradedLoad[Array.FindIndex(degraded, availability => availability > 0)] += left;
    }

    private static int Fill(int[] load, int[] availability, int left, int total)
    {
        for (var i = 0; i < load.Length; i++)
        {
            load[i] = Math.Min(left, availability[i] * 100 / total);
            left -= load[i];
        }
        return left;
    }

    private void SetPanic(IReadOnlyList<EndpointsOfPriority> priorities, int total, int thresholdPercent)
    {
        // With panic switched off nothing is loaded that has no healthy or degraded endpoint.
        if (total == 100 || (thresholdPercent == 0 && total == 0) || priorities.Count == 0)
            return;
        for (var i = 0; i < priorities.Count; i++)
            _isPanic[i] = IsBelowThreshold(priorities[i], thresholdPercent);
        if (_isPanic.All(panic => panic))
            DistributeByCount(priorities);
    }

    /// <summary>Too few endpoints of the priority are healthy or degraded for their health to mean much.</summary>
    public static bool IsBelowThreshold(EndpointsOfPriority priority, int thresholdPercent)
    {
        var count = priority.All.Length - priority.Excluded.Length;
        var usable = priority.Healthy.Length + priority.Degraded.Length;
        var percent = count == 0 ? 0 : 100.0 * usable / count;
        return percent < thresholdPercent;
    }

    /// <summary>Panic everywhere: health says nothing any more, so each priority gets load by its number of endpoints.</summary>
    private void DistributeByCount(IReadOnlyList<EndpointsOfPriority> priorities)
    {
        Array.Clear(_healthyLoad);
        Array.Clear(_degradedLoad);
        var count = priorities.Sum(priority => priority.All.Length);
        if (count == 0)
            return;
        var left = 100;
        for (var i = 0; i < priorities.Count; i++)
        {
            _healthyLoad[i] = 100 * priorities[i].All.Length / count;
            left -= _healthyLoad[i];
        }
        _healthyLoad[priorities.ToList().FindIndex(priority => priority.All.Length > 0)] += left;
    }
}
