using System.Numerics;

namespace Weft.Proxy.HttpFilters.AdaptiveConcurrency;

/// <summary>How long requests took, counted in ranges of less than two percent. Any thread, without a lock: who takes the samples may miss one that is added just then.</summary>
internal sealed class LatencySamples
{
    /// <summary>Values below this have a range each; above, every power of two has half as many.</summary>
    private const int Exact = 1 << ExactBits;
    private const int ExactBits = 7;
    private const int MaxBits = 40;

    private readonly int[] _counts = new int[IndexOf((1L << MaxBits) - 1) + 1];
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public void Record(long us)
    {
        Interlocked.Increment(ref _counts[IndexOf(Math.Clamp(us, 0, (1L << MaxBits) - 1))]);
        Interlocked.Increment(ref _count);
    }

    /// <summary>What that share of the samples did not exceed, in microseconds; forgets all of them. One thread at a time.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <returns>0 when there are none.</returns>
    public long Take(double share)
    {
        var total = Interlocked.Exchange(ref _count, 0);
        var rank = Math.Max(1, (long)Math.Ceiling(total * share));
        var (seen, result) = (0L, -1L);
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += Interlocked.Exchange(ref _counts[i], 0);
            if (result < 0 && seen >= rank)
                result = ValueOf(i);
        }

        return Math.Max(0, result);
    }

    private static int IndexOf(long us)
    {
        if (us < Exact)
            return (int)us;
        var shift = BitOperations.Log2((ulong)us) - ExactBits + 1;
        return shift * (Exact / 2) + (int)(us >> shift);
    }

    /// <summary>The middle of a range.</summary>
    private static long ValueOf(int index)
    {
        if (index < Exact)
            return index;
        var shift = index / (Exact / 2) - 1;
        return ((long)(index - shift * (Exact / 2)) << shift) + ((1L << shift) / 2);
    }
}
