namespace Weft.Http.Http1;

// Bodies: by length, or in chunks (RFC 9112 section 7.1) whose framing is taken byte by byte and never repaired.
public sealed partial class Http1Decoder
{
    /// <summary>Bytes of chunk extensions in one message; they say nothing, so there is no use for many.</summary>
    private const int MaxExtensionBytes = 16 * 1024;

    private const int MaxSizeDigits = 16;

    private int _sizeDigits;
    private int _extensionBytes;
    private HeaderMap? _trailers;
    private bool _trailersBegun;

    private int DecodeFixedBody(ReadOnlySpan<byte> data)
    {
        var taken = (int)Math.Min(data.Length, _remaining);
        _remaining -= taken;
        var ends = _remaining == 0;
        if (ends) EndMessage(taken < data.Length);
        _handler.OnData(data[..taken], ends);
        return taken;
    }

    private void BeginChunks()
    {
        _bodyState = State.ChunkSize;
        _remaining = 0;
        _sizeDigits = 0;
        _extensionBytes = 0;
    }

    /// <summary>Everything of a chunk but its data. Stops where data or trailers begin, or at a fault.</summary>
    private int DecodeChunkFraming(ReadOnlySpan<byte> data)
    {
        for (var i = 0; i < data.Length; i++)
        {
            var error = TakeFramingByte(data[i]);
            if (error is not null) return Fail(error, data.Length);
            if (_state is State.ChunkData or State.Trailers) return i + 1;
        }

        return data.Length;
    }

    private CodecError? TakeFramingByte(byte c)
    {
        switch (_state)
        {
            case State.ChunkSize: return TakeSizeByte(c);
            case State.ChunkExtension: return TakeExtensionByte(c);
            case State.ChunkDataReturn: return Expect(c, '\r', State.ChunkDataLineFeed);
            case State.ChunkDataLineFeed: return Expect(c, '\n', State.ChunkSize);
            default: return EndSizeLine(c);
        }
    }

    private CodecError? TakeSizeByte(byte c)
    {
        var digit = HexDigit(c);
        if (digit >= 0)
        {
            if (++_sizeDigits > MaxSizeDigits || _remaining > long.MaxValue >> 4) return CodecErrors.InvalidChunk;
            _remaining = (_remaining << 4) | (uint)digit;
            return null;
        }

        if (_sizeDigits == 0 || c is not ((byte)'\r' or (byte)';')) return CodecErrors.InvalidChunk;
        _state = c == '\r' ? State.ChunkSizeLineFeed : State.ChunkExtension;
        return null;
    }

    /// <summary>An extension is skipped to its CR; no other control character may stand in it, least of all a line feed.</summary>
    private CodecError? TakeExtensionByte(byte c)
    {
        if (c == '\r')
        {
            _state = State.ChunkSizeLineFeed;
            return null;
        }

        if (c is < 0x20 and not (byte)'\t' or 0x7F) return CodecErrors.InvalidChunk;
        return ++_extensionBytes > MaxExtensionBytes ? CodecErrors.ChunkExtensionsTooLarge : null;
    }

    private CodecError? EndSizeLine(byte c)
    {
        if (c != '\n') return CodecErrors.InvalidChunk;
        _sizeDigits = 0;
        if (_remaining > 0)
        {
            _state = State.ChunkData;
            return null;
        }

        _state = State.Trailers;
        _trailersBegun = false;
        return null;
    }

    private CodecError? Expect(byte c, char expected, State next)
    {
        if (c != expected) return CodecErrors.InvalidChunk;
        _state = next;
        return null;
    }

    private static int HexDigit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };

    private int DecodeChunkData(ReadOnlySpan<byte> data)
    {
        var taken = (int)Math.Min(data.Length, _remaining);
        _remaining -= taken;
        if (_remaining == 0) _state = State.ChunkDataReturn;
        _handler.OnData(data[..taken], endStream: false);
        return taken;
    }

    private int DecodeTrailers(ReadOnlySpan<byte> data)
    {
        if (!_trailersBegun)
        {
            if (data is [(byte)'\r', (byte)'\n', ..])
            {
                EndMessage(data.Length > 2);
                _handler.OnData(default, endStream: true);
                return 2;
            }

            _trailers ??= new HeaderMap();
            _trailers.Clear();
            BeginSection(_trailers, startLine: false);
            _trailersBegun = true;
        }

        if (!DecodeSection(data, out var taken)) return taken;
        DeliverTrailers(_section, more: taken < data.Length);
        return taken;
    }

    private void DeliverTrailers(HeaderMap trailers, bool more)
    {
        EndMessage(more);
        if (trailers.HasRepeats) trailers.JoinRepeats();
        HopByHop.StripFromTrailers(trailers);
        if (_options.EnableTrailers && trailers.Count > 0) _handler.OnTrailers(trailers);
        else _handler.OnData(default, endStream: true);
    }
}
