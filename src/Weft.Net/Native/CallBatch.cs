using System.Runtime.CompilerServices;

namespace Weft.Net.Native;

/// <summary>
/// Several non-blocking socket calls made with one system call, through io_uring. Each is carried out while it is submitted, in order, as the
/// call by itself would be: nothing stays in flight, so no buffer is needed after <see cref="Submit"/>. One thread at a time.
/// </summary>
/// <remarks>Worth about a sixth of a small send or receive on a kernel with costly entry, from three calls at once; by itself a call is dearer.</remarks>
internal sealed unsafe class CallBatch : IDisposable
{
    public const int MaxCalls = 64;

    /// <summary>The result of a call that was not made: make it by itself.</summary>
    public const int NotMade = int.MinValue;

    private const uint DontWait = 0x40;

    private readonly int _fd;
    private readonly byte* _ring;
    private readonly nuint _ringBytes;
    private readonly IoUringCall* _calls;
    private readonly nuint _callsBytes;
    private readonly uint* _tail;
    private readonly uint _mask;
    private readonly uint* _resultHead;
    private readonly uint* _resultTail;
    private readonly uint _resultMask;
    private readonly IoUringResult* _ringResults;
    private readonly int[] _results = new int[MaxCalls];
    private uint _submitted;

    private CallBatch(int fd, in IoUringParameters parameters)
    {
        _fd = fd;
        _ringBytes = Math.Max(
            parameters.Calls.Seventh + parameters.Entries * sizeof(uint),
            parameters.Results.Sixth + parameters.ResultEntries * (uint)sizeof(IoUringResult));
        _callsBytes = parameters.Entries * (uint)sizeof(IoUringCall);
        _ring = Libc.MapShared(fd, IoUring.RingOffset, _ringBytes);
        _calls = (IoUringCall*)Libc.MapShared(fd, IoUring.EntriesOffset, _callsBytes);
        if (_ring is null || _calls is null)
            return;
        _tail = (uint*)(_ring + parameters.Calls.Tail);
        _mask = *(uint*)(_ring + parameters.Calls.Mask);
        _resultHead = (uint*)(_ring + parameters.Results.Head);
        _resultTail = (uint*)(_ring + parameters.Results.Tail);
        _resultMask = *(uint*)(_ring + parameters.Results.Mask);
        _ringResults = (IoUringResult*)(_ring + parameters.Results.Sixth);
        var numbers = (uint*)(_ring + parameters.Calls.Seventh);
        for (var i = 0u; i < parameters.Entries; i++)
            numbers[i] = i;
        _submitted = *_tail;
    }

    /// <summary>Calls added since the last <see cref="Clear"/>.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == MaxCalls;

    private bool IsMapped => _ring is not null && _calls is not null;

    /// <summary>Null where the kernel does not offer it: too old, or forbidden in this container.</summary>
    public static CallBatch? TryCreate()
    {
        var parameters = new IoUringParameters { Flags = IoUring.SubmitAll | IoUring.CooperativeTaskRun };
        var fd = (int)Libc.syscall(IoUring.SetUpCall, MaxCalls, (nint)(&parameters), 0, 0, 0, 0);
        if (fd < 0)
            return null;
        var batch = new CallBatch(fd, parameters);
        if ((parameters.Features & IoUring.SingleMapping) != 0 && batch.IsMapped)
            return batch;
        batch.Dispose();
        return null;
    }

    public void Send(int fd, byte* data, int length) => Add(IoUring.Send, fd, data, (uint)length, Sock.NoSignal | DontWait);

    /// <param name="message">Must stay in place until <see cref="Submit"/>.</param>
    public void SendMessage(int fd, MessageHeader* message) => Add(IoUring.SendMessage, fd, message, 1, Sock.NoSignal | DontWait);

    public void Receive(int fd, byte* buffer, int length) => Add(IoUring.Receive, fd, buffer, (uint)length, DontWait);

    /// <summary>What the call of that number gave: a count of bytes, -errno, or <see cref="NotMade"/>.</summary>
    public int Result(int index) => _results[index];

    /// <summary>Makes the calls.</summary>
    public void Submit()
    {
        Volatile.Write(ref *_tail, _submitted + (uint)Count);
        var left = Count;
        while (left > 0)
        {
            var made = (int)Libc.syscall(IoUring.EnterCall, _fd, left, 0, 0, 0, 0);
            if (made <= 0)
                break;
            left -= made;
        }

        _submitted += (uint)(Count - left);
        // What the kernel did not take must not be taken later.
        Volatile.Write(ref *_tail, _submitted);
        _results.AsSpan(Count - left, left).Fill(NotMade);
        Collect(Count - left);
    }

    public void Clear() => Count = 0;

    public void Dispose()
    {
        if (_ring is not null)
            Libc.Unmap(_ring, _ringBytes);
        if (_calls is not null)
            Libc.Unmap((byte*)_calls, _callsBytes);
        _ = Libc.close(_fd);
    }

    private void Collect(int expected)
    {
        while (expected > 0)
        {
            var (head, tail) = (*_resultHead, Volatile.Read(ref *_resultTail));
            for (; head != tail; head++, expected--)
            {
                var result = _ringResults[head & _resultMask];
                _results[(int)result.UserData] = result.Value;
            }

            Volatile.Write(ref *_resultHead, head);
            if (expected > 0)
                _ = Libc.syscall(IoUring.EnterCall, _fd, 0, expected, (nint)IoUring.WaitForResults, 0, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(byte operation, int fd, void* address, uint length, uint flags)
    {
        ref var call = ref _calls[(_submitted + (uint)Count) & _mask];
        call = default;
        call.Operation = operation;
        call.Fd = fd;
        call.Address = (ulong)address;
        call.Length = length;
        call.MessageFlags = flags;
        call.UserData = (ulong)Count;
        Count++;
    }
}
