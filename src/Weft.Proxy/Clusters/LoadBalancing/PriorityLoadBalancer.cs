using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// Chooses a priority, which of its endpoints count and, where that matters, a locality; leaves the rest to the policy's
/// <see cref="EndpointPicker"/>. Worker thread.
/// </summary>
internal sealed class PriorityLoadBalancer : LoadBalancer
{
    /// <summary>Further picks that try to avoid an endpoint, before any other one is taken.</summary>
    private const int AvoidAttempts = 3;

    private readonly PriorityPlan _plan;
    private readonly RandomSource _random;
    private readonly PriorityPickers[] _pickers;

    public PriorityLoadBalancer(PriorityPlan plan, RandomSource random, PriorityLoadBalancer? previous)
    {
        _plan = plan;
        _random = random;
        _pickers = new PriorityPickers[plan.Priorities.Length];
        for (var i = 0; i < _pickers.Length; i++)
            _pickers[i] = new PriorityPickers(plan.Priorities[i], plan.Config, random, i < previous?._pickers.Length ? previous._pickers[i] : null);
    }

    public override Endpoint? Pick(in LoadBalancerContext context)
    {
        var attempts = context.FurtherAttempts;
        for (var attempt = 0; ; attempt++)
        {
            if (PickerFor(context) is not { } picker)
                return null;
            var endpoint = picker.Pick(context);
            if (ReferenceEquals(endpoint, context.Avoid))
                return PickAnother(picker, context);
            if (attempt >= attempts || !context.Rejects(endpoint))
                return endpoint;
        }
    }

    /// <summary>Null when there is nothing to pick from.</summary>
    private EndpointPicker? PickerFor(in LoadBalancerContext context)
    {
        var priority = _plan.Loads.Choose(_random.Next(), context, out var selection);
        if (priority < 0)
            return null;
        var pickers = _pickers[priority];
        if (selection == EndpointSelection.All)
        {
            _plan.Stats.LbHealthyPanic.Inc();
            return _plan.Config.FailsInPanic ? null : pickers.Of(selection);
        }
        if (pickers.TryPickLocality(selection, out var locality))
            return pickers.OfLocality(selection, locality);
        if (priority == 0 && _plan.Zones is { } zones)
            return zones.TryRoute(_random, out locality) ? pickers.OfLocality(selection, locality) : zones.Fails ? null : pickers.Of(selection);
        return pickers.Of(selection);
    }

    private Endpoint PickAnother(EndpointPicker picker, in LoadBalancerContext context)
    {
        for (var i = 0; i < AvoidAttempts; i++)
        {
            var endpoint = picker.Pick(context);
            if (!ReferenceEquals(endpoint, context.Avoid))
                return endpoint;
        }
        // A heavy endpoint can come up again and again: take a neighbour instead.
        var endpoints = picker.Endpoints;
        var start = (int)_random.Next((uint)endpoints.Length);
        return !ReferenceEquals(endpoints[start], context.Avoid) ? endpoints[start] : endpoints[(start + 1) % endpoints.Length];
    }
}
