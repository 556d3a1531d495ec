namespace Weft.Base.Compression;

/// <summary>Decompresses gzip (RFC 1952).</summary>
/// <param name="windowBits">9 to 15: the largest window that is accepted.</param>
public sealed unsafe class GzipDecompressor(int windowBits) : BodyDecompressor
{
    private Zlib.ZStream _stream;
    private bool _isOpen;

    public override void Begin()
    {
        End();
        fixed (Zlib.ZStream* stream = &_stream)
            _isOpen = Zlib.BeginInflate(stream, windowBits | Zlib.GzipFormat) == Zlib.Ok;
        if (!_isOpen)
            throw new InvalidOperationException("zlib cannot be set up");
    }

    public override DecompressStatus Write(ref ReadOnlySpan<byte> piece, Span<byte> output, out int written)
    {
        written = 0;
        if (IsComplete)
        {
            piece = default;
            return DecompressStatus.Done;
        }

        fixed (Zlib.ZStream* stream = &_stream)
        fixed (byte* input = piece)
        fixed (byte* to = output)
        {
            stream->NextIn = input;
            stream->AvailableIn = (uint)piece.Length;
            stream->NextOut = to;
            stream->AvailableOut = (uint)output.Length;
            var result = Zlib.Inflate(stream, Zlib.NoFlush);
            written = output.Length - (int)stream->AvailableOut;
            piece = piece[^(int)stream->AvailableIn..];
            IsComplete = result == Zlib.StreamEnd;
            if (result is not (Zlib.Ok or Zlib.StreamEnd or Zlib.BufferError))
            {
                Fault = result == Zlib.MemoryError ? DecompressFault.Memory : DecompressFault.Data;
                return DecompressStatus.Broken;
            }

            return !IsComplete && stream->AvailableOut == 0 ? DecompressStatus.OutputFull : DecompressStatus.Done;
        }
    }

    public override void End()
    {
        IsComplete = false;
        if (!_isOpen)
            return;
        _isOpen = false;
        fixed (Zlib.ZStream* stream = &_stream)
            _ = Zlib.EndInflate(stream);
        _stream = default;
    }
}
