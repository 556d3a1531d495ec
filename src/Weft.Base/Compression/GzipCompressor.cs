using Weft.Base.Buffers;

namespace Weft.Base.Compression;

/// <summary>Compresses with gzip (RFC 1952).</summary>
/// <param name="level">0 to 9; -1: zlib's default, 6.</param>
/// <param name="windowBits">9 to 15.</param>
/// <param name="memoryLevel">1 to 9.</param>
/// <param name="strategy">zlib's number of it; 0: the default.</param>
public sealed unsafe class GzipCompressor(int level, int windowBits, int memoryLevel, int strategy) : BodyCompressor
{
    private const int StepBytes = 16 * 1024;

    private Zlib.ZStream _stream;
    private bool _isOpen;

    public override void Begin()
    {
        End();
        fixed (Zlib.ZStream* stream = &_stream)
            _isOpen = Zlib.BeginDeflate(stream, level, windowBits | Zlib.GzipFormat, memoryLevel, strategy) == Zlib.Ok;
        if (!_isOpen)
            throw new InvalidOperationException("zlib cannot be set up");
    }

    public override void Write(ReadOnlySpan<byte> piece, ByteWriter output, bool isLast)
    {
        fixed (Zlib.ZStream* stream = &_stream)
        fixed (byte* input = piece)
        {
            stream->NextIn = input;
            stream->AvailableIn = (uint)piece.Length;
            do
            {
                var room = output.GetSpan(StepBytes);
                fixed (byte* to = room)
                {
                    stream->NextOut = to;
                    stream->AvailableOut = (uint)room.Length;
                    _ = Zlib.Deflate(stream, isLast ? Zlib.Finish : Zlib.SyncFlush);
                    output.Advance(room.Length - (int)stream->AvailableOut);
                }
            }
            while (stream->AvailableOut == 0);
        }
    }

    public override void End()
    {
        if (!_isOpen)
            return;
        _isOpen = false;
        fixed (Zlib.ZStream* stream = &_stream)
            _ = Zlib.EndDeflate(stream);
        _stream = default;
    }
}
