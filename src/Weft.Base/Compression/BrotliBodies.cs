using System.Buffers;
using System.IO.Compression;
using Weft.Base.Buffers;

namespace Weft.Base.Compression;

/// <summary>Compresses with brotli (RFC 7932). Allocates a handle per body.</summary>
/// <param name="quality">0 to 11.</param>
/// <param name="windowBits">10 to 24.</param>
public sealed class BrotliCompressor(int quality, int windowBits) : BodyCompressor
{
    private const int StepBytes = 16 * 1024;

    private BrotliEncoder _encoder;

    public override void Begin()
    {
        _encoder.Dispose();
        _encoder = new BrotliEncoder(quality, windowBits);
    }

    public override void Write(ReadOnlySpan<byte> piece, ByteWriter output, bool isLast)
    {
        OperationStatus status;
        do
        {
            status = _encoder.Compress(piece, output.GetSpan(StepBytes), out var read, out var written, isLast);
            output.Advance(written);
            piece = piece[read..];
        }
        while (status == OperationStatus.DestinationTooSmall || (!piece.IsEmpty && status == OperationStatus.Done));

        while (!isLast && _encoder.Flush(output.GetSpan(StepBytes), out var flushed) is var flush)
        {
            output.Advance(flushed);
            if (flush != OperationStatus.DestinationTooSmall) break;
        }
    }

    public override void End()
    {
        _encoder.Dispose();
        _encoder = default;
    }
}

/// <summary>Decompresses brotli (RFC 7932). Allocates a handle per body.</summary>
public sealed class BrotliDecompressor : BodyDecompressor
{
    private BrotliDecoder _decoder;

    public override void Begin() => End();

    public override DecompressStatus Write(ref ReadOnlySpan<byte> piece, Span<byte> output, out int written)
    {
        written = 0;
        if (IsComplete)
        {
            piece = default;
            return DecompressStatus.Done;
        }

        var status = _decoder.Decompress(piece, output, out var read, out written);
        piece = piece[read..];
        IsComplete = status == OperationStatus.Done;
        return status switch
        {
            OperationStatus.InvalidData => DecompressStatus.Broken,
            OperationStatus.DestinationTooSmall => DecompressStatus.OutputFull,
            _ => DecompressStatus.Done,
        };
    }

    public override void End()
    {
        IsComplete = false;
        _decoder.Dispose();
        _decoder = default;
    }
}
