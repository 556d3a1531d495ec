namespace Weft.Base.Stats;

/// <summary>
/// The scopes that were made for one thing (a cluster, a filter chain) and end with it: see <see cref="StatsStore.Owned"/>. Dispose when no
/// worker counts in them any more. Main thread.
/// </summary>
public sealed class StatsOwner : IDisposable
{
    private readonly List<StatsScope> _scopes = new(1);

    public void Dispose()
    {
        foreach (var scope in _scopes)
            scope.Dispose();
        _scopes.Clear();
    }

    internal void Add(StatsScope scope) => _scopes.Add(scope);
}
