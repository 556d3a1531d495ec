using System.Runtime.CompilerServices;

namespace Weft.Base.Stats;

/// <summary>A log-linear distribution (two decimal digits of precision), one table per thread, allocated at the first record.</summary>
public readonly struct Histogram
{
    /// <summary>What a value of unit <see cref="HistogramUnit.Percent"/> is multiplied by before it is recorded (Envoy's PercentScale).</summary>
    public const long PercentScale = 1_000_000;

    internal Histogram(int index) => Index = index;

    internal int Index { get; }

    /// <summary>Records one value; negative values count as 0. No allocation after a thread's first record in a decade.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long value)
    {
        if (Index != 0)
            HistogramTable.OfThisThread(Index).Record(value);
    }
}
