using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Formatting;
using Weft.Proxy.Workers;

namespace Weft.Proxy.AccessLogs.Collected;

/// <summary>Gathers the entries of one worker and sends them: at a size, or when time is up. One worker.</summary>
internal abstract class LogReporter
{
    private readonly CollectedLogConfig _config;
    private readonly LoopTimer _timer;
    private readonly ByteWriter _entries = new(1024);
    private int _count;

    protected LogReporter(CollectedLogConfig config, Worker worker)
    {
        _config = config;
        _timer = new LoopTimer(worker.Loop, Flush);
    }

    /// <summary>What was gathered.</summary>
    protected ReadOnlySpan<byte> Entries => _entries.Written;

    public void Add(in FormatContext context)
    {
        WriteEntry(context, _entries);
        if (++_count == 1)
            _timer.Arm(_config.FlushIntervalMs);
        if (_entries.Length >= _config.BufferBytes)
            Flush();
    }

    /// <summary>Writes an entry behind the others.</summary>
    protected abstract void WriteEntry(in FormatContext context, ByteWriter entries);

    /// <summary>Sends what was gathered; false when it is lost at once. What becomes of it otherwise, <see cref="OnWritten"/> or <see cref="OnLost"/> counts.</summary>
    /// <param name="count">Entries.</param>
    protected abstract bool TrySend(int count);

    protected void OnWritten(long count) => _config.LogsWritten.Add(count);

    protected void OnLost(long count) => _config.LogsDropped.Add(count);

    private void Flush()
    {
        _timer.Cancel();
        if (!TrySend(_count))
            OnLost(_count);
        _entries.Clear();
        _count = 0;
    }
}
