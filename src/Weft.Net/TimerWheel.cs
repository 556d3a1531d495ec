using System.Numerics;

namespace Weft.Net;

/// <summary>
/// A hierarchical hashed wheel of milliseconds: seven levels of 64 slots, each level 64 times coarser than the one
/// below. Arming and cancelling touch one intrusive list; a long timer moves down a level at most six times in its
/// life, so idle timeouts of many connections neither wake the loop nor cost a scan. Loop thread only.
/// </summary>
internal sealed class TimerWheel
{
    private const int LevelBits = 6;
    private const int SlotsPerLevel = 1 << LevelBits;
    private const int Levels = 7;

    /// <summary>Longest delay: 69 years. With it no deadline outgrows the top level.</summary>
    private const long MaxDelayMs = 1L << (LevelBits * Levels - 1);

    private readonly LoopTimer?[] _first = new LoopTimer?[Levels * SlotsPerLevel];
    private readonly LoopTimer?[] _last = new LoopTimer?[Levels * SlotsPerLevel];
    private readonly ulong[] _occupied = new ulong[Levels];
    private long _elapsedMs;

    /// <summary>Timers armed.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a timer; a deadline that is not in the future means the next millisecond.</summary>
    public void Add(LoopTimer timer, long deadlineMs)
    {
        timer.DeadlineMs = Math.Clamp(deadlineMs, _elapsedMs + 1, _elapsedMs + MaxDelayMs);
        Count++;
        Link(timer);
    }

    public void Remove(LoopTimer timer)
    {
        Count--;
        Unlink(timer);
    }

    /// <summary>When the wheel next wants to be advanced (a timer is due, or one must move down); -1 when it is empty.</summary>
    public long NextMs()
    {
        for (var level = 0; level < Levels; level++)
        {
            if (_occupied[level] != 0)
                return SlotStart(level, BitOperations.TrailingZeroCount(_occupied[level]));
        }
        return -1;
    }

    /// <summary>A timer may be due at <paramref name="nowMs"/>.</summary>
    public bool IsDue(long nowMs) => NextMs() is >= 0 and var next && next <= nowMs;

    /// <summary>Fires what is due at <paramref name="nowMs"/>, in order of deadlines and, within one millisecond, of arming.</summary>
    public void Advance(long nowMs)
    {
        for (var next = NextMs(); next >= 0 && next <= nowMs; next = NextMs())
        {
            _elapsedMs = next;
            var slot = NextSlot();
            if (slot < SlotsPerLevel)
                Fire(slot);
            else
                MoveDown(slot);
        }
        _elapsedMs = Math.Max(_elapsedMs, nowMs);
    }

    private void Fire(int slot)
    {
        // A callback can only arm later slots (the deadline is in the future), but may cancel any timer of this one.
        while (_first[slot] is { } timer)
        {
            Remove(timer);
            timer.Fire();
        }
    }

    private void MoveDown(int slot)
    {
        while (_first[slot] is { } timer)
        {
            Unlink(timer);
            Link(timer);
        }
    }

    /// <summary>All occupied slots are in the future and finer levels come first, so the lowest bit of the lowest level is next.</summary>
    private int NextSlot()
    {
        var level = 0;
        while (_occupied[level] == 0)
            level++;
        return level * SlotsPerLevel + BitOperations.TrailingZeroCount(_occupied[level]);
    }

    private long SlotStart(int level, int index)
    {
        var shift = level * LevelBits;
        return ((_elapsedMs >> (shift + LevelBits)) << (shift + LevelBits)) | ((long)index << shift);
    }

    private void Link(LoopTimer timer)
    {
        // The level is that of the highest bit in which the deadline differs from now: below it both share a block.
        var differing = (ulong)(timer.DeadlineMs ^ _elapsedMs) | 1;
        var level = BitOperations.Log2(differing) / LevelBits;
        var index = (int)(timer.DeadlineMs >> (level * LevelBits)) & (SlotsPerLevel - 1);
        var slot = level * SlotsPerLevel + index;
        timer.Slot = slot;
        timer.Previous = _last[slot];
        timer.Next = null;
        if (timer.Previous is null)
            _first[slot] = timer;
        else
            timer.Previous.Next = timer;
        _last[slot] = timer;
        _occupied[level] |= 1UL << index;
    }

    private void Unlink(LoopTimer timer)
    {
        var slot = timer.Slot;
        if (timer.Previous is null)
            _first[slot] = timer.Next;
        else
            timer.Previous.Next = timer.Next;
        if (timer.Next is null)
            _last[slot] = timer.Previous;
        else
            timer.Next.Previous = timer.Previous;
        if (_first[slot] is null)
            _occupied[slot / SlotsPerLevel] &= ~(1UL << (slot % SlotsPerLevel));
        timer.Slot = LoopTimer.NotArmed;
        timer.Previous = null;
        timer.Next = null;
    }
}
