using System.Buffers;
using Weft.Http.Http2.Frames;

namespace Weft.Http.Http2;

// Bytes to frames. A frame that came in one piece is read where it lies; of others the pieces are kept until it is whole, but for DATA,
// which is passed on as it comes.
public sealed partial class Http2Connection
{
    private bool _expectsPreface;
    private bool _settingsSeen;
    private int _prefaceMatched;
    private byte[]? _partial;
    private int _partialLength;
    private bool _partialChecked;

    /// <summary>Takes all bytes that came, in any split, and calls the handlers. After a protocol error they are dropped.</summary>
    public void Decode(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && !_failed)
        {
            data = data[Step(data)..];
            if (!_failed && _guard.CheckOutbound() is { } fault) Fail(fault);
        }

        if (!_failed) SendWaiting();
        if (_failed) DropPartial();
    }

    /// <summary>Takes some of the bytes.</summary>
    private int Step(ReadOnlySpan<byte> data)
    {
        if (_expectsPreface) return MatchPreface(data);
        if (_inData) return TakeData(data);
        if (_partialLength > 0) return CompletePartial(data);
        if (data.Length < FrameHeader.Bytes) return Keep(data);
        var frame = FrameHeader.Read(data);
        if (!IsAcceptable(frame)) return data.Length;
        if (frame.Type == FrameType.Data)
        {
            BeginData(frame);
            return FrameHeader.Bytes;
        }

        var whole = FrameHeader.Bytes + frame.Length;
        if (data.Length < whole)
        {
            _partialChecked = true;
            return Keep(data);
        }

        Process(frame, data[FrameHeader.Bytes..whole]);
        return whole;
    }

    private int MatchPreface(ReadOnlySpan<byte> data)
    {
        var expected = ControlFrames.ClientPreface[_prefaceMatched..];
        var length = Math.Min(expected.Length, data.Length);
        if (!data[..length].SequenceEqual(expected[..length]))
        {
            Fail(Http2Fault.BadPreface);
            return data.Length;
        }

        _prefaceMatched += length;
        _expectsPreface = _prefaceMatched < ControlFrames.ClientPreface.Length;
        return length;
    }

    /// <summary>Judges a frame by its header, once.</summary>
    private bool IsAcceptable(in FrameHeader frame)
    {
        var fault = frame.Length > Options.MaxFrameBytes ? Http2Fault.FrameSize
            : !_settingsSeen && (frame.Type != FrameType.Settings || frame.Has(FrameFlags.Ack)) ? Http2Fault.NoSettings
            : _blockStreamId != 0 && (frame.Type != FrameType.Continuation || frame.StreamId != _blockStreamId) ? Http2Fault.BadFrame
            : _guard.OnFrame(frame);
        if (fault is null) return true;
        Fail(fault);
        return false;
    }

    private int CompletePartial(ReadOnlySpan<byte> data)
    {
        var taken = 0;
        if (_partialLength < FrameHeader.Bytes)
        {
            taken = AddToPartial(data, FrameHeader.Bytes);
            if (_partialLength < FrameHeader.Bytes) return taken;
        }

        var frame = FrameHeader.Read(_partial);
        if (!_partialChecked && !IsAcceptable(frame)) return data.Length;
        _partialChecked = true;
        if (frame.Type == FrameType.Data)
        {
            DropPartial();
            BeginData(frame);
            return taken;
        }

        var whole = FrameHeader.Bytes + frame.Length;
        MakeRoom(whole);
        taken += AddToPartial(data[taken..], whole);
        if (_partialLength < whole) return taken;
        Process(frame, _partial.AsSpan(FrameHeader.Bytes, frame.Length));
        DropPartial();
        return taken;
    }

    private int Keep(ReadOnlySpan<byte> data)
    {
        _partial = ArrayPool<byte>.Shared.Rent(Math.Max(FrameHeader.Bytes + FrameHeader.DefaultMaxLength, data.Length));
        data.CopyTo(_partial);
        _partialLength = data.Length;
        return data.Length;
    }

    private int AddToPartial(ReadOnlySpan<byte> data, int wanted)
    {
        var length = Math.Min(data.Length, wanted - _partialLength);
        data[..length].CopyTo(_partial.AsSpan(_partialLength));
        _partialLength += length;
        return length;
    }

    /// <summary>Only where frames may be longer than they usually are.</summary>
    private void MakeRoom(int whole)
    {
        if (whole <= _partial!.Length) return;
        var larger = ArrayPool<byte>.Shared.Rent(whole);
        _partial.AsSpan(0, _partialLength).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_partial);
        _partial = larger;
    }

    private void DropPartial()
    {
        if (_partial is not null) ArrayPool<byte>.Shared.Return(_partial);
        _partial = null;
        _partialLength = 0;
        _partialChecked = false;
    }

    private void Process(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        switch (frame.Type)
        {
            case FrameType.Headers: ProcessHeaders(frame, payload); break;
            case FrameType.Continuation: ProcessContinuation(frame, payload); break;
            case FrameType.Settings: ProcessSettings(frame, payload); break;
            case FrameType.WindowUpdate: ProcessWindowUpdate(frame, payload); break;
            case FrameType.ResetStream: ProcessResetStream(frame, payload); break;
            case FrameType.Ping: ProcessPing(frame, payload); break;
            case FrameType.GoAway: ProcessGoAway(frame, payload); break;
            case FrameType.Priority: ProcessPriority(frame, payload); break;
            case FrameType.Metadata: ProcessMetadata(frame, payload); break;
            case FrameType.PushPromise: Fail(Http2Fault.BadFrame); break;
            default: break;
        }
    }
}
