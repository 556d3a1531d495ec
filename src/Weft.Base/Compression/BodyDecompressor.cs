namespace Weft.Base.Compression;

/// <summary>How far a piece was decompressed.</summary>
public enum DecompressStatus : byte
{
    /// <summary>All of it was read.</summary>
    Done,

    /// <summary>The output is full: take it and call again with what was not read.</summary>
    OutputFull,

    /// <summary>It is not what it says it is.</summary>
    Broken,
}

/// <summary>Makes a compressed body whole again, piece by piece; pooled: <see cref="Begin"/>, pieces, <see cref="End"/>. One thread.</summary>
public abstract class BodyDecompressor
{
    /// <summary>The compressed body has come to its end; what follows is not read.</summary>
    public bool IsComplete { get; protected set; }

    /// <summary>Why the last piece was <see cref="DecompressStatus.Broken"/>.</summary>
    public DecompressFault Fault { get; protected set; }

    public abstract void Begin();

    /// <summary>Decompresses into <paramref name="output"/>.</summary>
    /// <param name="piece">What was read is cut from it.</param>
    /// <param name="written">Bytes of output.</param>
    public abstract DecompressStatus Write(ref ReadOnlySpan<byte> piece, Span<byte> output, out int written);

    public abstract void End();
}
