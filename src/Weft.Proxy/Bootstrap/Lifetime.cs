using Weft.Base.Stats;

namespace Weft.Proxy.Bootstrap;

/// <summary>
/// What was made for one cluster, listener or filter chain and ends with it: its statistics, its subscriptions. Main thread; end it when no
/// worker uses any of it.
/// </summary>
public sealed class Lifetime(StatsStore stats) : IDisposable
{
    private readonly StatsOwner _statistics = new();
    private List<IDisposable>? _parts;
    private bool _isOver;

    /// <summary>Adds something to be disposed at the end; at once when the end has been.</summary>
    public void Add(IDisposable part)
    {
        if (_isOver)
            part.Dispose();
        else
            (_parts ??= []).Add(part);
    }

    /// <summary>A part lives on with another.</summary>
    public void Hand(IDisposable part, Lifetime to)
    {
        if (_parts?.Remove(part) ?? false)
            to.Add(part);
    }

    /// <summary>Runs <paramref name="make"/>; the statistics it makes belong to this.</summary>
    public T Make<T>(Func<T> make) => stats.Owned(_statistics, make);

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        // In reverse: what came last may use what came first.
        for (var i = (_parts?.Count ?? 0) - 1; i >= 0; i--)
            _parts![i].Dispose();
        _parts = null;
        _statistics.Dispose();
    }
}
