using Weft.Base.Buffers;

namespace Weft.Base.Compression;

/// <summary>Compresses with Zstandard (RFC 8878). Holds its native state only while there is a body.</summary>
/// <param name="level">compression_level; default 3.</param>
/// <param name="checksum">enable_checksum: each frame ends with one.</param>
/// <param name="strategy">libzstd's number; 0: what the level means.</param>
public sealed unsafe class ZstdCompressor(int level, bool checksum, int strategy) : BodyCompressor
{
    private const int StepBytes = 16 * 1024;

    private nint _context;

    /// <summary>The system has the library; without it nothing of this may be made.</summary>
    public static bool IsAvailable => Zstd.IsAvailable;

    public override void Begin()
    {
        End();
        _context = Zstd.CreateCompressor();
        if (_context == 0) throw new InvalidOperationException("zstd cannot be set up");
        Zstd.SetCompressor(_context, Zstd.CompressionLevel, level);
        if (checksum) Zstd.SetCompressor(_context, Zstd.Checksum, 1);
        if (strategy > 0) Zstd.SetCompressor(_context, Zstd.Strategy, strategy);
    }

    public override void Write(ReadOnlySpan<byte> piece, ByteWriter output, bool isLast)
    {
        fixed (byte* bytes = piece)
        {
            var input = new Zstd.Buffer { Bytes = bytes, Size = (nuint)piece.Length };
            while (true)
            {
                var span = output.GetSpan(StepBytes);
                nuint left;
                fixed (byte* to = span)
                {
                    var room = new Zstd.Buffer { Bytes = to, Size = (nuint)span.Length };
                    left = Zstd.Compress(_context, &room, &input, isLast ? Zstd.End : Zstd.Flush);
                    output.Advance((int)room.Position);
                }

                if (Zstd.IsError(left)) throw new InvalidOperationException("zstd cannot compress");
                if (left == 0 && input.Position == input.Size) return;
            }
        }
    }

    public override void End()
    {
        if (_context == 0) return;
        _ = Zstd.FreeCompressor(_context);
        _context = 0;
    }
}

/// <summary>Decompresses Zstandard. Windows larger than 8 MB are refused (RFC 9659), so that a small body cannot claim much memory.</summary>
public sealed unsafe class ZstdDecompressor : BodyDecompressor
{
    private const int MaxWindowBits = 23;

    private nint _context;

    public override void Begin()
    {
        End();
        _context = Zstd.CreateDecompressor();
        if (_context == 0) throw new InvalidOperationException("zstd cannot be set up");
        Zstd.SetDecompressor(_context, Zstd.MaxWindowBits, MaxWindowBits);
    }

    public override DecompressStatus Write(ref ReadOnlySpan<byte> piece, Span<byte> output, out int written)
    {
        written = 0;
        if (IsComplete)
        {
            piece = default;
            return DecompressStatus.Done;
        }

        fixed (byte* bytes = piece)
        fixed (byte* to = output)
        {
            var input = new Zstd.Buffer { Bytes = bytes, Size = (nuint)piece.Length };
            var room = new Zstd.Buffer { Bytes = to, Size = (nuint)output.Length };
            var left = Zstd.Decompress(_context, &room, &input);
            written = (int)room.Position;
            piece = piece[(int)input.Position..];
            if (Zstd.IsError(left))
            {
                Fault = Zstd.FaultOf(left);
                return DecompressStatus.Broken;
            }

            IsComplete = left == 0;
            return !IsComplete && room.Position == room.Size ? DecompressStatus.OutputFull : DecompressStatus.Done;
        }
    }

    public override void End()
    {
        IsComplete = false;
        if (_context == 0) return;
        _ = Zstd.FreeDecompressor(_context);
        _context = 0;
    }
}
