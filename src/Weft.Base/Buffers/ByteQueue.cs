namespace Weft.Base.Buffers;

/// <summary>
/// Bytes that wait: a chain of pooled blocks, appended at the back and drained at the front. Holds no block while empty,
/// so an idle connection costs nothing. Belongs to one loop.
/// </summary>
public sealed unsafe class ByteQueue(BufferPool pool)
{
    /// <summary>Bytes held.</summary>
    public int Length => throw new NotImplementedException();

    public bool IsEmpty => Length == 0;

    /// <summary>Copies <paramref name="data"/> to the back.</summary>
    public void Append(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>At least <paramref name="size"/> contiguous writable bytes at the back (at most <see cref="BufferPool.BlockBytes"/>); follow with <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int size) => throw new NotImplementedException();

    /// <summary>Says how many bytes of the span from <see cref="GetSpan"/> were written.</summary>
    public void Advance(int count) => throw new NotImplementedException();

    /// <summary>The bytes of the first block; empty when the queue is empty.</summary>
    public ReadOnlySpan<byte> First => throw new NotImplementedException();

    /// <summary>Drops <paramref name="count"/> bytes from the front and returns emptied blocks to the pool.</summary>
    public void Drain(int count) => throw new NotImplementedException();

    /// <summary>Moves everything to the back of <paramref name="other"/>, block by block, without copying.</summary>
    public void MoveTo(ByteQueue other) => throw new NotImplementedException();

    /// <summary>Drops everything.</summary>
    public void Clear() => throw new NotImplementedException();
}
