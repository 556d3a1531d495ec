using Weft.Base.Buffers;

namespace Weft.Base.Compression;

/// <summary>Makes a body smaller, piece by piece; pooled with whoever compresses: <see cref="Begin"/>, pieces, <see cref="End"/>. One thread.</summary>
public abstract class BodyCompressor
{
    /// <summary>Starts a new body.</summary>
    public abstract void Begin();

    /// <summary>Appends what becomes of a piece, all of it: whoever reads the output can read the piece.</summary>
    /// <param name="isLast">The body ends with it.</param>
    public abstract void Write(ReadOnlySpan<byte> piece, ByteWriter output, bool isLast);

    /// <summary>Gives back what the body held, whether or not it was complete.</summary>
    public abstract void End();
}
