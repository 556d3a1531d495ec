using System.Text;
using Weft.Proxy.AccessLogs;

namespace Weft.Proxy.Tests.AccessLogs;

/// <summary>Takes lines into memory; it can block, be full, or forget.</summary>
internal sealed class MemoryDevice : LogDevice
{
    private readonly object _lock = new();
    private readonly MemoryStream _written = new();

    public volatile bool IsBlocked;

    public bool IsDiscarding { get; init; }

    /// <summary>What can still be written before the device is full.</summary>
    public int RoomBytes { get; set; } = int.MaxValue;

    public long Length
    {
        get
        {
            lock (_lock)
                return _written.Length;
        }
    }

    public override int Write(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            while (IsBlocked)
                Monitor.Wait(_lock);
            var taken = Math.Min(data.Length, RoomBytes);
            RoomBytes = RoomBytes == int.MaxValue ? RoomBytes : RoomBytes - taken;
            if (!IsDiscarding)
                _written.Write(data[..taken]);
            Monitor.PulseAll(_lock);
            return taken;
        }
    }

    public void Unblock()
    {
        lock (_lock)
        {
            IsBlocked = false;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until exactly this was written.</summary>
    public void WaitFor(string expected)
    {
        lock (_lock)
        {
            while (Encoding.UTF8.GetString(_written.ToArray()) != expected)
                Assert.True(Monitor.Wait(_lock, 120_000), $"expected {expected}, found {Encoding.UTF8.GetString(_written.ToArray())}");
        }
    }

    public override void Dispose()
    {
    }
}
