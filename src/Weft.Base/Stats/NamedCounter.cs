namespace Weft.Base.Stats;

/// <summary>A counter that its owner counts in without a name, under a name: see <see cref="StatsScope.Name"/>. Immutable.</summary>
internal sealed class NamedCounter(Counter counter) : IComputedGauge
{
    public int Index => counter.Index;

    public bool IsUsed => counter.IsUsed;

    public long Value => counter.Value;
}
