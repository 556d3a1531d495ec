using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>A worker's pickers for one priority, made when first needed. Those of sets that did not change live on with the next snapshot.</summary>
internal sealed class PriorityPickers
{
    private readonly PlannedPriority _plan;
    private readonly LoadBalancingConfig _config;
    private readonly RandomSource _random;
    private readonly Slot[] _slots = new Slot[3];
    private readonly Slot[] _healthyByLocality;
    private readonly Slot[] _degradedByLocality;
    private EdfScheduler<int>? _healthyLocalities;
    private EdfScheduler<int>? _degradedLocalities;

    public PriorityPickers(PlannedPriority plan, LoadBalancingConfig config, RandomSource random, PriorityPickers? previous)
    {
        _plan = plan;
        _config = config;
        _random = random;
        _healthyByLocality = new Slot[plan.HealthyByLocality.Length];
        _degradedByLocality = new Slot[plan.DegradedByLocality.Length];
        if (previous is null)
            return;
        var isSameConfig = config.Equals(previous._config);
        for (var i = 0; i < _slots.Length; i++)
            _slots[i] = previous._slots[i].For(isSameConfig ? plan.Of((EndpointSelection)i) : null);
        TakeOver(_healthyByLocality, plan.HealthyByLocality, previous._healthyByLocality, isSameConfig);
        TakeOver(_degradedByLocality, plan.DegradedByLocality, previous._degradedByLocality, isSameConfig);
    }

    /// <summary>Null when there is none of that health.</summary>
    public EndpointPicker? Of(EndpointSelection selection) => Get(ref _slots[(int)selection], _plan.Of(selection));

    /// <summary>Null when the locality has none of that health.</summary>
    public EndpointPicker? OfLocality(EndpointSelection selection, int locality) => selection == EndpointSelection.Degraded
        ? Get(ref _degradedByLocality[locality], _plan.DegradedByLocality[locality])
        : Get(ref _healthyByLocality[locality], _plan.HealthyByLocality[locality]);

    /// <summary>The locality whose turn it is by the localities' weights; false when they have none.</summary>
    public bool TryPickLocality(EndpointSelection selection, out int locality)
    {
        var isDegraded = selection == EndpointSelection.Degraded;
        if ((isDegraded ? _plan.DegradedWeights : _plan.HealthyWeights) is not { } weights)
        {
            locality = -1;
            return false;
        }
        ref var scheduler = ref isDegraded ? ref _degradedLocalities : ref _healthyLocalities;
        scheduler ??= weights.CreateScheduler(_random);
        var next = scheduler.Next;
        scheduler.Reschedule(weights.Weights[next]);
        locality = weights.Localities[next];
        return true;
    }

    private EndpointPicker? Get(ref Slot slot, PlannedSet set)
    {
        if (slot.Picker is null && set.Endpoints.Length > 0)
            slot = new Slot(set, LoadBalancerRegistry.Create(set, _config, _random, slot.Previous), null);
        return slot.Picker;
    }

    private static void TakeOver(Slot[] slots, PlannedSet[] sets, Slot[] before, bool isSameConfig)
    {
        if (before.Length != slots.Length)
            return;
        for (var i = 0; i < slots.Length; i++)
            slots[i] = before[i].For(isSameConfig ? sets[i] : null);
    }

    /// <summary>A picker, or the one that was there for another set until a new one is needed.</summary>
    private readonly struct Slot(PlannedSet? set, EndpointPicker? picker, EndpointPicker? previous)
    {
        private readonly PlannedSet? _set = set;

        public EndpointPicker? Picker { get; } = picker;

        public EndpointPicker? Previous { get; } = previous;

        /// <summary>Itself when its picker does for the set of the next snapshot, else without one.</summary>
        public Slot For(PlannedSet? next) => ReferenceEquals(_set, next) ? this : new Slot(null, null, Picker ?? Previous);
    }
}
