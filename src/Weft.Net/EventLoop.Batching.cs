using System.Runtime.InteropServices;
using Weft.Base.Buffers;
using Weft.Net.Native;

namespace Weft.Net;

/// <content>Receives and sends of a turn made together, with one system call each, where the kernel offers that (io_uring) and it pays.</content>
public sealed unsafe partial class EventLoop
{
    /// <summary>Bytes of a read that is made together with others; a connection that fills them reads alone the next time.</summary>
    internal const int ReadAheadBytes = 4 * 1024;

    /// <summary>Blocks of output that one call of a batch takes.</summary>
    internal const int BatchedVectors = 4;

    /// <summary>Fewer calls are cheaper one by one.</summary>
    private const int MinBatch = 3;

    private const int ReadAheadStride = ReadAheadBytes + BufferPool.Padding;

    private static readonly bool s_batches = Environment.GetEnvironmentVariable("WEFT_IO_URING") != "0";

    private readonly int[] _readAhead = new int[BatchSize];
    private readonly int[] _eventOfCall = new int[CallBatch.MaxCalls];
    private CallBatch? _calls;
    private bool _triedCalls;
    private bool _hasReadAhead;
    private byte* _readAheadMemory;
    private IoVector* _batchedVectors;
    private MessageHeader* _batchedMessages;

    /// <summary>Null where calls are made one by one.</summary>
    private CallBatch? Calls => _triedCalls ? _calls : OpenCalls();

    private CallBatch? OpenCalls()
    {
        _triedCalls = true;
        _calls = s_batches ? CallBatch.TryCreate() : null;
        if (_calls is null)
            return null;
        _readAheadMemory = (byte*)NativeMemory.AlignedAlloc(BatchSize * ReadAheadStride, 4096);
        _batchedVectors = (IoVector*)NativeMemory.Alloc(CallBatch.MaxCalls * BatchedVectors, (nuint)sizeof(IoVector));
        _batchedMessages = (MessageHeader*)NativeMemory.AllocZeroed(CallBatch.MaxCalls, (nuint)sizeof(MessageHeader));
        return _calls;
    }

    private void CloseCalls()
    {
        _calls?.Dispose();
        NativeMemory.AlignedFree(_readAheadMemory);
        NativeMemory.Free(_batchedVectors);
        NativeMemory.Free(_batchedMessages);
    }

    /// <summary>
    /// Reads from all readable connections of the batch that take little at a time, before anything is handed out; what was read waits in
    /// a part of its own until its event has its turn. False when it does not pay: then nothing was read.
    /// </summary>
    private bool ReadAhead(int count)
    {
        if (count < MinBatch || Calls is not { } calls)
            return false;
        calls.Clear();
        for (var i = 0; i < count; i++)
        {
            _readAhead[i] = CallBatch.NotMade;
            if ((_events.Events(i) & Epoll.In) == 0 || Target(i) is not Connection { ReadsLittle: true } connection)
                continue;
            _eventOfCall[calls.Count] = i;
            connection.AddRead(calls, ReadAheadOf(i));
        }

        if (calls.Count < MinBatch)
            return false;
        calls.Submit();
        for (var call = 0; call < calls.Count; call++)
            _readAhead[_eventOfCall[call]] = calls.Result(call);
        return true;
    }

    private byte* ReadAheadOf(int i) => _readAheadMemory + i * ReadAheadStride;

    private IEventHandler? Target(int i)
    {
        var data = _events.Data(i);
        ref var slot = ref _slots[(int)(uint)data];
        return slot.Generation == (uint)(data >> 32) ? slot.Handler : null;
    }

    /// <summary>
    /// Sends what connections have queued. All results are booked before any connection goes on, because a handler that hears of its
    /// own may write to another.
    /// </summary>
    private void SendTogether(List<Connection> list, int from, int count, CallBatch calls)
    {
        calls.Clear();
        for (var i = from; i < from + count; i++)
        {
            if (list[i].AddSend(calls, _batchedVectors + calls.Count * BatchedVectors, _batchedMessages + calls.Count))
                _eventOfCall[calls.Count - 1] = i;
        }

        if (calls.Count < MinBatch)
            return;
        calls.Submit();
        for (var call = 0; call < calls.Count; call++)
            list[_eventOfCall[call]].BookSend(calls.Result(call));
    }
}
