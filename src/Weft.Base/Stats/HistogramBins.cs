using System.Numerics;

namespace Weft.Base.Stats;

/// <summary>
/// The log-linear layout of circllhist, for whole numbers: a value falls into its decade (1-9, 10-99, 100-999 ...) and there into
/// one of 90 bins by its two leading decimal digits (1.0, 1.1 ... 9.9).
/// </summary>
internal static class HistogramBins
{
    internal const int BinsPerDecade = 90;

    /// <summary>Decades of the positive 64-bit numbers.</summary>
    internal const int DecadeCount = 19;

    private static ReadOnlySpan<long> PowersOfTen =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ];

    /// <summary>The bin of a positive value within its decade.</summary>
    internal static int Find(long value, out int decade)
    {
        if (value < 10)
        {
            decade = 0;
            return ((int)value * 10) - 10;
        }

        // 1233 / 4096 is just above log10(2): the guess is right or one too high.
        decade = ((BitOperations.Log2((ulong)value) + 1) * 1233) >> 12;
        if (value < PowersOfTen[decade])
            decade--;
        return (int)(value / PowersOfTen[decade - 1]) - 10;
    }

    /// <summary>The least value of a bin.</summary>
    internal static double LowerBound(int decade, int bin) => decade == 0 ? (bin + 10) / 10.0 : (bin + 10) * PowersOfTen[decade - 1];

    /// <summary>How far the bins of a decade are apart.</summary>
    internal static double Width(int decade) => decade == 0 ? 0.1 : PowersOfTen[decade - 1];
}
