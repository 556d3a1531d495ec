namespace Weft.Net;

/// <summary>
/// A one-shot timer on a loop's hashed wheel: arming and cancelling are O(1) and allocate nothing, so a pooled object
/// makes its timers once. Millisecond resolution; never fires early. Loop thread only.
/// </summary>
public sealed class LoopTimer(EventLoop loop, Action callback)
{
    public bool IsArmed => throw new NotImplementedException();

    /// <summary>Fires once after <paramref name="delayMs"/>; replaces an earlier arming.</summary>
    public void Arm(long delayMs) => throw new NotImplementedException();

    public void Cancel() => throw new NotImplementedException();
}
