namespace Weft.Net;

/// <summary>
/// A one-shot timer on a loop's hashed wheel: arming and cancelling are O(1) and allocate nothing, so a pooled object
/// makes its timers once. Millisecond resolution; never fires early. Loop thread only.
/// </summary>
public sealed class LoopTimer(EventLoop loop, Action callback)
{
    internal const int NotArmed = -1;

    internal LoopTimer? Next;
    internal LoopTimer? Previous;
    internal long DeadlineMs;
    internal int Slot = NotArmed;

    public bool IsArmed => Slot != NotArmed;

    /// <summary>
    /// Fires once after <paramref name="delayMs"/>, counted from the time of this turn; replaces an earlier arming. 0 (or less) means
    /// a later turn, at the next millisecond.
    /// </summary>
    public void Arm(long delayMs)
    {
        Cancel();
        loop.Timers.Add(this, loop.DeadlineMs(delayMs));
    }

    public void Cancel()
    {
        if (IsArmed)
            loop.Timers.Remove(this);
    }

    internal void Fire() => callback();
}
