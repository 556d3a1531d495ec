namespace Weft.Proxy.Tests;

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _us = 1_000_000_000;

    public override long TimestampFrequency => 1_000_000;

    public void AdvanceMs(long ms) => _us += ms * 1000;

    public override long GetTimestamp() => _us;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMicroseconds(_us);
}
