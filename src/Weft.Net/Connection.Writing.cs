using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Net.Native;

namespace Weft.Net;

/// <content>From the handler to the socket.</content>
public sealed partial class Connection
{
    /// <summary>From this size on data goes to the socket at once instead of through the queue.</summary>
    private const int LargeWriteBytes = 8 * 1024;

    /// <summary>Blocks per gathering write.</summary>
    private const int MaxVectors = 32;

    private bool _inFlushList;
    private bool _isBlocked;
    private bool _isAboveHigh;
    private bool _endsWrite;
    private bool _finSent;
    private int _writeError;
    private int _countedUnsent;

    /// <summary>
    /// Output above this many bytes calls OnAboveHighWatermark; default 1 MiB (per_connection_buffer_limit_bytes). 0: no limit.
    /// </summary>
    public int HighWatermarkBytes { get; set; } = DefaultHighWatermarkBytes;

    /// <summary>Has what waits to be sent added to it, as it is after each attempt to send; null: nobody wants to know.</summary>
    public Gauge? UnsentBytes { get; set; }

    /// <summary>Hears when more or less waits to be sent after an attempt than after the one before; null: nobody wants to know.</summary>
    public IUnsentHandler? UnsentHandler { get; set; }

    /// <summary>Unsent output is above the high watermark, or was and has not fallen to the low one.</summary>
    public bool IsAboveHighWatermark => _isAboveHigh;

    private ByteQueue ToSocket => _wire ?? Output;

    private bool HasPendingOutput => !Output.IsEmpty || _wire is { IsEmpty: false } || (_endsWrite && !_finSent);

    private bool CanWrite => _state <= State.Open && !_endsWrite && _writeError == 0;

    /// <summary>Sends <see cref="Output"/> at the end of this turn.</summary>
    public void ScheduleFlush()
    {
        if (!CanWrite)
        {
            DropUnsendable();
            return;
        }
        AddFlush();
        if (IsOverLimit && !_isBlocked && _state == State.Open)
            SendQueue();
        NoteHigh();
    }

    /// <summary>
    /// Queues a copy of <paramref name="data"/> and schedules a flush. Large data (8 KB and more) is sent at once together with what is
    /// queued, by one gathering write, and only what the socket does not take is copied. After the close or <see cref="ShutdownWrite"/> it does nothing.
    /// </summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (!CanWrite)
            return;
        if (data.Length >= LargeWriteBytes && _state == State.Open && !_isBlocked)
            data = SendQueueAnd(data);
        if (_writeError != 0)
            return;
        if (!data.IsEmpty)
            Output.Append(data);
        if (!Output.IsEmpty)
            ScheduleFlush();
    }

    /// <summary>Sends FIN after all queued output (half-close).</summary>
    public void ShutdownWrite()
    {
        if (!CanWrite)
            return;
        _endsWrite = true;
        AddFlush();
    }

    /// <summary>Sends what is queued; at the end of a turn, or when the socket can take more.</summary>
    internal void FlushNow()
    {
        _inFlushList = false;
        if (_state is State.Closed or State.Connecting)
            return;
        var sentBefore = _wireSent;
        if (_writeError == 0 && !_isBlocked)
            SendQueue();
        if (_writeError != 0)
        {
            FinishAfterWriteError();
            return;
        }
        if (Output.IsEmpty && _state != State.Securing)
            EndWrite();
        NoteUnsent();
        if (_state == State.Closing)
            Linger(hasProgress: _wireSent != sentBefore);
        else
            NoteLow();
    }

    private void NoteUnsent()
    {
        var unsent = Output.Length + (_wire?.Length ?? 0);
        if (unsent == _countedUnsent)
            return;
        UnsentBytes?.Add(unsent - _countedUnsent);
        _countedUnsent = unsent;
        UnsentHandler?.OnUnsentChanged();
    }

    private bool IsOverLimit => HighWatermarkBytes > 0 && Output.Length > HighWatermarkBytes;

    private void OnWritable()
    {
        if (!_isBlocked)
            return;
        _isBlocked = false;
        AddFlush();
    }

    private void AddFlush()
    {
        if (_inFlushList)
            return;
        _inFlushList = true;
        _loop.AddFlush(this);
    }

    /// <summary>What an encoder appended although nothing can be sent any more; what was queued before a close still goes out.</summary>
    private void DropUnsendable()
    {
        if (_state == State.Closed || _finSent || _writeError != 0)
            Output.Clear();
    }

    /// <summary>After the last byte: FIN, if asked for.</summary>
    private void EndWrite()
    {
        if (!_endsWrite || _finSent)
            return;
        if (_transport is not null && !EndSealed())
            return;
        _finSent = true;
        // Where the peer has ended too, the close that follows sends it.
        if (!ReadEnded)
            ShutdownSocket();
        FinishIfBothEnded();
    }

    private void SendQueue()
    {
        if (_transport is null)
            SendAll(Output);
        else
            SendSealed();
    }

    /// <summary>False when the socket did not take all of it, or failed.</summary>
    private unsafe bool SendAll(ByteQueue queue)
    {
        var vectors = stackalloc IoVector[MaxVectors];
        while (!queue.IsEmpty)
        {
            var count = Gather(queue, vectors, MaxVectors, out var total);
            var sent = Send(vectors, count, total);
            // A failure has dropped what was queued.
            queue.Drain(Math.Min(sent, queue.Length));
            if (sent < total)
                return false;
        }
        return true;
    }

    /// <summary>Sends the queue and <paramref name="data"/> behind it; returns the part of the data that is left.</summary>
    private unsafe ReadOnlySpan<byte> SendQueueAnd(ReadOnlySpan<byte> data)
    {
        if (_transport is not null)
            return SendSealedAnd(data);
        fixed (byte* start = data)
        {
            var vectors = stackalloc IoVector[MaxVectors];
            var count = Gather(Output, vectors, MaxVectors - 1, out var queued);
            if (queued < Output.Length)
                return data;
            vectors[count] = new IoVector { Base = start, Length = (nuint)data.Length };
            var sent = Send(vectors, count + 1, queued + data.Length);
            Output.Drain(Math.Min(sent, queued));
            return data[Math.Max(sent - queued, 0)..];
        }
    }

    private static unsafe int Gather(ByteQueue queue, IoVector* vectors, int room, out int total)
    {
        var count = 0;
        total = 0;
        for (var segment = queue.Head; segment is not null && count < room; segment = segment.Next)
        {
            if (segment.Length == 0)
                continue;
            vectors[count++] = new IoVector { Base = segment.DataPointer, Length = (nuint)segment.Length };
            total += segment.Length;
        }
        return count;
    }

    /// <summary>The only place that sends. What it does not take waits for the next writable edge; a failure is kept for the end of the turn.</summary>
    private unsafe int Send(IoVector* vectors, int count, int total) => BookSend(SendVectors(vectors, count), total);

    /// <summary>Books what a send gave (bytes or -errno); returns the bytes.</summary>
    private int BookSend(int result, int total)
    {
        if (result < 0)
        {
            if (result != -Errno.Again)
                FailWrite(-result);
            result = 0;
        }
        _wireSent += result;
        _isBlocked = result < total;
        return result;
    }

    private void FailWrite(int errno)
    {
        _writeError = errno;
        Output.Clear();
        _wire?.Clear();
        AddFlush();
    }

    /// <summary>
    /// The peer refuses our bytes. It may have answered before (an early response, then a close): what can be read is handed
    /// out first, and the close is told with the end of the stream.
    /// </summary>
    private void FinishAfterWriteError()
    {
        _hungUp = true;
        _peerEnding = true;
        if (ReadEnded || _state == State.Closing)
            Finish(_state == State.Closing ? CloseReason.Local : WhenBroken, _writeError);
        else
            OnReadable(0);
    }

    private void NoteHigh()
    {
        if (_isAboveHigh || !IsOverLimit || _state == State.Closing)
            return;
        _isAboveHigh = true;
        _handler.OnAboveHighWatermark();
    }

    private void NoteLow()
    {
        if (!_isAboveHigh || Output.Length > HighWatermarkBytes / 2)
            return;
        _isAboveHigh = false;
        if (_state == State.Open)
            _handler.OnBelowLowWatermark();
    }
}
