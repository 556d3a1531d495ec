using Envoy.Config.Endpoint.V3;
using Weft.Base.Stats;
using Weft.Proxy.XdsClient;

namespace Weft.Proxy.Clusters.DiscoveryTypes.LocalityEndpoints;

/// <summary>LEDS: the endpoints of one locality, as the management server wants them. Main thread.</summary>
internal sealed class EndpointCollection : IResourceWatcher, IDisposable
{
    private readonly Action _onChange;
    private readonly Counter _updateEmpty;
    private readonly SortedDictionary<string, LbEndpoint> _members = new(StringComparer.Ordinal);
    private Subscription? _subscription;

    /// <param name="scope"><c>cluster.NAME.leds.</c></param>
    /// <param name="onChange">Called whenever the endpoints changed, or are known not to come.</param>
    public EndpointCollection(StatsScope scope, Action onChange) => (_onChange, _updateEmpty) = (onChange, scope.Counter("update_empty"));

    /// <summary>There was an answer, or there will be none.</summary>
    public bool IsHeardOf { get; private set; }

    /// <summary>In the order of their names.</summary>
    public IEnumerable<LbEndpoint> Endpoints => _members.Values;

    /// <summary>Begins; the first endpoints may come from within this call.</summary>
    public void Start(Subscription subscription)
    {
        _subscription = subscription;
        subscription.Start();
    }

    public string? OnUpdate(DiscoveryUpdate update)
    {
        if (update.Resources.Count + update.Removed.Count == 0)
            _updateEmpty.Inc();
        var added = new List<(string Name, LbEndpoint Endpoint)>();
        var faults = new List<string>();
        foreach (var resource in update.Resources)
        {
            var context = resource.NewContext();
            if (resource.As<LbEndpoint>(context) is { } endpoint && EndpointAssignment.Create(endpoint, DiscoveryType.Eds, context) is not null)
                added.Add((resource.SentAs, endpoint));
            if (context.Findings.HasErrors)
                faults.Add($"{resource.SentAs}: {string.Join("; ", context.Findings.Errors)}");
        }

        // One that cannot be used leaves all as they were: half of a locality would get the load of all.
        if (faults.Count == 0)
            Take(update, added);
        Tell();
        return faults.Count == 0 ? null : string.Join("; ", faults);
    }

    public void OnNothing() => Tell();

    public void Dispose() => _subscription?.Dispose();

    private void Take(DiscoveryUpdate update, List<(string Name, LbEndpoint Endpoint)> added)
    {
        if (!update.IsDelta)
            _members.Clear();
        foreach (var name in update.Removed)
            _members.Remove(name);
        foreach (var (name, endpoint) in added)
            _members[name] = endpoint;
    }

    private void Tell()
    {
        IsHeardOf = true;
        _onChange();
    }
}
