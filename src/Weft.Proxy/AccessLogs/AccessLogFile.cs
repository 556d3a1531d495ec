namespace Weft.Proxy.AccessLogs;

/// <summary>One open access-log file, and the thread that writes it.</summary>
public sealed class AccessLogFile
{
    /// <summary>What may wait per thread before lines are dropped.</summary>
    internal const int MaxBufferedBytes = 4 * 1024 * 1024;

    [ThreadStatic]
    private static LineBuffer?[]? t_buffers;

    private static int s_count;

    private readonly int _index = Interlocked.Increment(ref s_count) - 1;
    private readonly Func<LogDevice> _open;
    private readonly AccessLogStats _stats;
    private readonly int _flushIntervalMs;
    private readonly FlushSignal _signal = new();
    private readonly Lock _lock = new();
    private readonly Thread _thread;
    private LineBuffer[] _buffers = [];
    private LogDevice _device;
    private bool _endsInLine;
    private bool _hasFailedToReopen;
    private volatile bool _isReopening;
    private volatile bool _isStopping;

    /// <param name="open">Opens the file, at once and again after rotation.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal AccessLogFile(Func<LogDevice> open, AccessLogStats stats, int flushIntervalMs)
    {
        (_open, _stats, _flushIntervalMs) = (open, stats, flushIntervalMs);
        _device = open();
        _thread = new Thread(Run) { Name = $"access_log_{_index}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Hands over one complete line, copied into the calling thread's buffer; never blocks. Any thread.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        var buffers = t_buffers;
        var buffer = buffers is not null && (uint)_index < (uint)buffers.Length ? buffers[_index] : null;
        if (!(buffer ?? AddBuffer()).TryWrite(line, out var isEnough))
        {
            _stats.WriteDropped.Inc();
            return;
        }

        _stats.WriteBuffered.Inc();
        _stats.WriteTotalBuffered.Add(line.Length);
        if (isEnough)
            _signal.Wake();
        else
            _signal.WakeSleeper();
    }

    /// <summary>Opens the file again before the next write. Any thread.</summary>
    internal void Reopen()
    {
        _isReopening = true;
        _signal.Wake();
    }

    /// <summary>Ends the thread after it has written what waits. Follow with <see cref="Join"/>.</summary>
    internal void Stop()
    {
        _isStopping = true;
        _signal.Wake();
    }

    /// <summary>Waits for the thread; false when it takes longer.</summary>
    internal bool Join(int milliseconds) => _thread.Join(milliseconds);

    private LineBuffer AddBuffer()
    {
        var buffer = new LineBuffer(MaxBufferedBytes).Start();
        if (t_buffers is null || t_buffers.Length <= _index)
            Array.Resize(ref t_buffers, _index + 4);
        t_buffers[_index] = buffer;
        lock (_lock)
            Volatile.Write(ref _buffers, [.. _buffers, buffer]);
        return buffer;
    }

    /// <summary>
    /// The flush thread: lets lines gather for a flush interval or until there is enough for a write. After an interval without any it sleeps until
    /// the next; while lines come, workers need not wake it for the first of them.
    /// </summary>
    private void Run()
    {
        for (var isBusy = false; !_isStopping;)
        {
            if (!isBusy)
                _signal.Sleep(HasWork);
            if (_isStopping)
                break;
            var isTimeUp = !_isReopening && _signal.Wait(_flushIntervalMs);
            isBusy = Flush();
            if (isBusy && isTimeUp)
                _stats.FlushedByTimer.Inc();
        }

        Flush();
        _device.Dispose();
    }

    private bool HasWork()
    {
        if (_isStopping || _isReopening)
            return true;
        foreach (var buffer in Volatile.Read(ref _buffers))
        {
            if (buffer.HasLines)
                return true;
        }

        return false;
    }

    /// <summary>Writes what waits; false when nothing did.</summary>
    private bool Flush()
    {
        if (_isReopening || _hasFailedToReopen)
            OpenAgain();
        var hasWritten = false;
        foreach (var buffer in Volatile.Read(ref _buffers))
            hasWritten |= Flush(buffer);
        return hasWritten;
    }

    /// <summary>Writes what a thread has handed over, but no more than a buffer holds: the other threads' lines wait too.</summary>
    private bool Flush(LineBuffer buffer)
    {
        var budget = MaxBufferedBytes;
        while (budget > 0 && buffer.Peek() is { IsEmpty: false } lines)
        {
            WriteOut(lines);
            buffer.Take(lines.Length);
            _stats.WriteTotalBuffered.Add(-lines.Length);
            budget -= lines.Length;
        }

        return budget < MaxBufferedBytes;
    }

    private void WriteOut(ReadOnlySpan<byte> lines)
    {
        // What a failed write left behind is ended, so that it does not run into the next line.
        if (_endsInLine && _device.Write("\n"u8) == 1)
            _endsInLine = false;
        var written = _endsInLine ? 0 : _device.Write(lines);
        if (written == lines.Length)
        {
            _stats.WriteCompleted.Inc();
            return;
        }

        _stats.WriteFailed.Inc();
        _stats.WriteDropped.Add(lines[written..].Count((byte)'\n'));
        if (written > 0)
            _endsInLine = lines[written - 1] != '\n';
    }

    /// <summary>The old file is written on when the new one cannot be opened; the next flush tries again.</summary>
    private void OpenAgain()
    {
        _isReopening = false;
        try
        {
            var device = _open();
            _hasFailedToReopen = false;
            _device.Dispose();
            _device = device;
            _endsInLine = false;
        }
        catch (IOException)
        {
            _hasFailedToReopen = true;
            _stats.ReopenFailed.Inc();
        }
    }
}
