using Weft.Base.Buffers;
using Weft.Base.Compression;

namespace Weft.Proxy.HttpFilters.Decompressor;

/// <summary>What became of a piece of a compressed body.</summary>
internal enum InflateResult : byte
{
    /// <summary>The output is a part of it; there is more.</summary>
    More,

    /// <summary>The output is the rest of it.</summary>
    Last,

    Broken,

    /// <summary>A bomb: much more output than input.</summary>
    TooLarge,
}

/// <summary>Decompresses one body in steps of bounded size, and tells bombs by their ratio. Pooled with its filter; worker thread.</summary>
internal sealed class BodyInflater(DecompressorFilterFactory factory, DecompressorDirection direction)
{
    private const int StepBytes = 32 * 1024;

    /// <summary>Output below this is never too much: short bodies may be very compressible.</summary>
    private const long FreeBytes = 64 * 1024;

    private readonly ByteWriter _output = new(0);
    private BodyDecompressor? _decompressor;
    private DecompressFault _fault;
    private long _read;
    private long _written;

    public bool IsOn { get; private set; }

    public bool IsComplete => _decompressor!.IsComplete;

    public void Begin()
    {
        IsOn = true;
        _decompressor ??= factory.Library.Make();
        _decompressor.Begin();
    }

    /// <summary>What came of the last step.</summary>
    public ReadOnlySpan<byte> Output => _output.Written;

    /// <summary>Takes a part of <paramref name="chunk"/>.</summary>
    public InflateResult Step(ref BodyChunk chunk)
    {
        _output.Clear();
        var before = chunk.Bytes.Length;
        var status = _decompressor!.Write(ref chunk.Bytes, _output.GetSpan(StepBytes)[..StepBytes], out var written);
        var read = before - chunk.Bytes.Length;
        if (IsComplete && !chunk.Bytes.IsEmpty)
            factory.Errors.CountRedundant();
        _output.Advance(written);
        _read += read;
        _written += written;
        direction.TotalCompressedBytes.Add(read);
        direction.TotalUncompressedBytes.Add(written);
        if (status == DecompressStatus.Broken)
        {
            _fault = _decompressor.Fault;
            return InflateResult.Broken;
        }

        if (_written > FreeBytes && _written > _read * factory.Library.MaxRatio)
            return InflateResult.TooLarge;
        if (status == DecompressStatus.OutputFull || (!chunk.Bytes.IsEmpty && !IsComplete))
            return InflateResult.More;
        return chunk.EndStream && !IsComplete ? InflateResult.Broken : InflateResult.Last;
    }

    /// <summary>Counts why it goes no further.</summary>
    public void CountError(InflateResult result)
    {
        if (result == InflateResult.TooLarge)
            factory.Errors.CountTooLarge();
        else
            factory.Errors.CountBroken(_fault);
    }

    public void End()
    {
        if (!IsOn)
            return;
        IsOn = false;
        _decompressor!.End();
        _read = _written = 0;
        _fault = DecompressFault.Data;
    }
}
