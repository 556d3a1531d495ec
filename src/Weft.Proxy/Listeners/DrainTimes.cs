namespace Weft.Proxy.Listeners;

/// <summary>How long connections may go on whose listener ends (--drain-time-s, --drain-strategy).</summary>
/// <param name="LimitMs">When those that are left are closed.</param>
/// <param name="SpreadMs">When all clients have been asked to close, one after the other; 0: all at once.</param>
public readonly record struct DrainTimes(long LimitMs, long SpreadMs);
