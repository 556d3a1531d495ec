using Weft.Net.Native;

namespace Weft.Net;

/// <content>Calls that the loop makes together with those of other connections.</content>
public sealed partial class Connection
{
    private bool _readsMuch;
    private int _batchedBytes;

    /// <summary>Its next read can be made before its event has its turn, and is expected to be short.</summary>
    internal bool ReadsLittle => !_readsMuch && _pauses == 0 && _state is State.Open or State.Securing && !ReadEnded && _held is null;

    private int BytesAhead => Math.Min(_maxReadBytes, EventLoop.ReadAheadBytes);

    internal unsafe void AddRead(CallBatch calls, byte* buffer) => calls.Receive(_fd, buffer, BytesAhead);

    /// <summary>Its event, with the read that was made ahead of it.</summary>
    /// <param name="epollEvents">EPOLL* bits.</param>
    /// <param name="data">What was read; dead after the call.</param>
    /// <param name="result">How many bytes; 0 at the end of the stream; -errno.</param>
    internal unsafe void OnReadAhead(uint epollEvents, byte* data, int result)
    {
        if ((epollEvents & Epoll.Out) != 0)
            OnWritable();
        NoteEnding(epollEvents);
        // Whoever had a turn before may have paused this one.
        if (_pauses > 0 && _state != State.Closing && result >= 0)
            KeepUnread(data, result);
        else if (result <= 0)
            OnReadFailed(-result);
        else if (HandOut(data, result, BytesAhead))
            ReadAvailable();
    }

    /// <summary>Adds a call that sends what is queued; false when there is nothing that a call by itself would send.</summary>
    internal unsafe bool AddSend(CallBatch calls, IoVector* vectors, MessageHeader* message)
    {
        if (_state is not (State.Open or State.Securing) || _isBlocked || _writeError != 0 || _inner is not null)
            return false;
        if (_transport is not null && _wire!.IsEmpty && _state == State.Open && !Output.IsEmpty && !SealOutput())
            return false;
        var count = Gather(ToSocket, vectors, EventLoop.BatchedVectors, out _batchedBytes);
        if (count == 0)
            return false;
        if (count == 1)
        {
            calls.Send(_fd, vectors->Base, _batchedBytes);
            return true;
        }

        message->Vectors = vectors;
        message->VectorCount = (nuint)count;
        calls.SendMessage(_fd, message);
        return true;
    }

    /// <summary>Books what that call did; a flush must follow.</summary>
    internal void BookSend(int result)
    {
        if (result == CallBatch.NotMade)
            return;
        var sent = BookSend(result, _batchedBytes);
        ToSocket.Drain(Math.Min(sent, ToSocket.Length));
    }

    private unsafe void KeepUnread(byte* data, int count)
    {
        _wireReceived += count;
        Redeliver(new ReadOnlySpan<byte>(data, count));
        NoteUnread();
    }
}
