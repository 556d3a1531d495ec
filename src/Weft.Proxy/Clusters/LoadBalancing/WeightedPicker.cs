using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// A picker by weight, whose endpoints take turns by their deadlines. With another set of endpoints those that stay go on with their turns: the picker of
/// the new set takes them over, and the one before is not to be used any more. One worker.
/// </summary>
internal abstract class WeightedPicker : EndpointPicker
{
    private readonly EdfScheduler<Endpoint> _turns;
    private readonly SlowStart? _slowStart;

    protected WeightedPicker(Endpoint[] endpoints, SlowStart? slowStart, RandomSource random, WeightedPicker? previous) : base(endpoints)
    {
        _slowStart = slowStart;
        _turns = previous?._turns ?? new EdfScheduler<Endpoint>(random);
        var change = new EndpointChange(previous is null ? [] : previous.Endpoints, endpoints);
        if (change.Gone is [var only])
            _turns.RemoveAll(endpoint => ReferenceEquals(endpoint, only));
        else if (change.Gone.Length > 0)
            _turns.RemoveAll(change.Gone.ToHashSet().Contains);
        _turns.Reserve(endpoints.Length);
        foreach (var i in change.Come)
            _turns.Add(endpoints[i], endpoints[i].Weight);
    }

    public sealed override Endpoint Pick(in LoadBalancerContext context)
    {
        var endpoint = _turns.Next;
        var weight = WeightOf(endpoint);
        _turns.Reschedule(_slowStart is null ? weight : weight * _slowStart.FactorOf(endpoint));
        return endpoint;
    }

    /// <summary>What an endpoint weighs now; above 0.</summary>
    protected virtual double WeightOf(Endpoint endpoint) => endpoint.Weight;
}
