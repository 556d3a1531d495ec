namespace Weft.Base.Stats;

/// <summary>
/// The scopes that were made for one thing (a cluster, a filter chain) and end with it: see <see cref="StatsStore.Owned"/>. Dispose when no
/// worker counts in them any more. Main thread.
/// </summary>
public sealed class StatsOwner : IDisposable
{
    private StatsScope? _first;
    private List<StatsScope>? _others;

    public void Dispose()
    {
        _first?.Dispose();
        foreach (var scope in _others ?? [])
            scope.Dispose();
        (_first, _others) = (null, null);
    }

    /// <summary>Of very many owners nearly all have one scope.</summary>
    internal void Add(StatsScope scope)
    {
        if (_first is null)
            _first = scope;
        else
            (_others ??= []).Add(scope);
    }
}
