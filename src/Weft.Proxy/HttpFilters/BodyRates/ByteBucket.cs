namespace Weft.Proxy.HttpFilters.BodyRates;

/// <summary>
/// Bytes that may pass, coming at a steady rate, at most what comes in a second. What is kept is the time at which the bucket was, or will have been,
/// empty: one number, changed atomically. Any thread.
/// </summary>
internal sealed class ByteBucket
{
    private const double CapacityUs = 1_000_000;

    /// <summary>No stream has used it yet.</summary>
    private const double Fresh = double.NegativeInfinity;

    private double _usPerByte;
    private double _emptyAtUs = Fresh;

    /// <param name="kibPerSecond">The rate; at least 1.</param>
    public ByteBucket(ulong kibPerSecond) => Rate(kibPerSecond);

    /// <summary>Another rate for another stream; only where the bucket is that of one stream.</summary>
    public void Renew(ulong kibPerSecond)
    {
        Rate(kibPerSecond);
        _emptyAtUs = Fresh;
    }

    /// <summary>A stream will take from it; for the first there is what comes within one interval.</summary>
    public void Begin(long nowUs, int intervalMs)
    {
        if (double.IsNegativeInfinity(Volatile.Read(ref _emptyAtUs)))
            Interlocked.CompareExchange(ref _emptyAtUs, nowUs - (intervalMs * 1000.0), Fresh);
    }

    /// <summary>Takes so many bytes; false, and none taken, when there are fewer.</summary>
    public bool TryTakeAll(long nowUs, int bytes)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _emptyAtUs);
            var from = Math.Max(seen, nowUs - CapacityUs);
            if (BytesSince(from, nowUs) < bytes)
                return false;
            if (TryMove(seen, from, bytes))
                return true;
        }
    }

    /// <summary>Takes as many as there are, at most so many; gives how many. Nothing of a byte is lost.</summary>
    public int Take(long nowUs, int mostBytes)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _emptyAtUs);
            var from = Math.Max(seen, nowUs - CapacityUs);
            var bytes = (int)Math.Clamp(BytesSince(from, nowUs), 0, mostBytes);
            if (bytes == 0 || TryMove(seen, from, bytes))
                return bytes;
        }
    }

    /// <summary>Whole bytes; what sums of fractions are off by does not cost one.</summary>
    private double BytesSince(double fromUs, long nowUs) => Math.Floor(((nowUs - fromUs) / _usPerByte) + 0.001);

    private void Rate(ulong kibPerSecond) => _usPerByte = CapacityUs / (kibPerSecond * 1024.0);

    private bool TryMove(double seen, double from, int bytes) =>
        Interlocked.CompareExchange(ref _emptyAtUs, from + (bytes * _usPerByte), seen).Equals(seen);
}
