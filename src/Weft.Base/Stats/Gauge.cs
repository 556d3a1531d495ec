using System.Runtime.CompilerServices;

namespace Weft.Base.Stats;

/// <summary>A number that goes up and down: a cell per thread for <see cref="Add"/>, plus a value set as a whole.</summary>
public readonly struct Gauge
{
    internal Gauge(int index) => Index = index;

    internal int Index { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Inc() => StatCells.Add(Index, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dec() => StatCells.Add(Index, -1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long amount) => StatCells.Add(Index, amount);

    /// <summary>Replaces the value. Only for gauges that one thread owns (never mixed with <see cref="Add"/>).</summary>
    public void Set(long value) => SetCells.Set(Index, value);

    public long Value => StatCells.Sum(Index) + SetCells.Get(Index);

    /// <summary>It was changed or set at least once since it was made.</summary>
    public bool IsUsed => StatCells.IsUsed(Index) || SetCells.IsUsed(Index);
}
