namespace Weft.Base;

/// <summary>
/// One object per thread, made at a thread's first use: for objects that only one thread may use at a time, and that workers would otherwise
/// need a lock to share. Finding it takes no lock. The objects live as long as this.
/// </summary>
/// <param name="make">Makes one; on the thread that will use it.</param>
public sealed class PerThread<T>(Func<T> make)
    where T : class
{
    private readonly Lock _growing = new();
    private T?[] _bySlot = [];

    /// <summary>The calling thread's.</summary>
    public T Value
    {
        get
        {
            var values = Volatile.Read(ref _bySlot);
            var slot = ThreadSlot.Known;
            return (uint)slot < (uint)values.Length && values[slot] is { } value ? value : Make();
        }
    }

    private T Make()
    {
        var slot = ThreadSlot.OfThread;
        var value = make();
        lock (_growing)
        {
            var larger = new T?[Math.Max(_bySlot.Length, slot + 1)];
            _bySlot.CopyTo(larger, 0);
            larger[slot] = value;
            Volatile.Write(ref _bySlot, larger);
        }

        return value;
    }
}

/// <summary>A small number for every thread that asks for one.</summary>
internal static class ThreadSlot
{
    [ThreadStatic]
    private static int t_number;

    private static int s_numbers;

    /// <summary>-1 when this thread has none yet.</summary>
    public static int Known => t_number - 1;

    public static int OfThread
    {
        get
        {
            if (t_number == 0)
                t_number = Interlocked.Increment(ref s_numbers);
            return t_number - 1;
        }
    }
}
