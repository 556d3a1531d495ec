using System.Runtime.CompilerServices;

namespace Weft.Base.Stats;

/// <summary>
/// A number that only grows, one cell per thread, summed when read. A default value (no store) counts nothing.
/// May be used from any thread; <see cref="Inc"/> is one thread-static load and one add.
/// </summary>
public readonly struct Counter
{
    internal Counter(int index) => Index = index;

    internal int Index { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Inc() => StatCells.Add(Index, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long amount) => StatCells.Add(Index, amount);

    /// <summary>The sum over all threads since start or the last reset.</summary>
    public long Value => StatCells.Sum(Index) - StatCells.ResetBase(Index);

    /// <summary>It was counted at least once (also by 0) since it was made.</summary>
    public bool IsUsed => StatCells.IsUsed(Index);
}
