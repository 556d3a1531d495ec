namespace Weft.Base.Buffers;

/// <summary>
/// Blocks of unmanaged memory for one event loop, handed out last in, first out so that the hottest block is used next.
/// Every block is over-allocated by <see cref="Padding"/> bytes: vector loads may read past its end, and blocks do not
/// all start at the same cache set. Not thread-safe: a pool belongs to one loop.
/// </summary>
public sealed unsafe class BufferPool : IDisposable
{
    /// <summary>Usable bytes of a block.</summary>
    public const int BlockBytes = 16 * 1024;

    /// <summary>Readable bytes behind each block.</summary>
    public const int Padding = 64;

    /// <summary>Takes a block; never null.</summary>
    public Segment Rent() => throw new NotImplementedException();

    /// <summary>Gives a block back. Free blocks beyond the pool's cap are returned to the system.</summary>
    public void Return(Segment segment) => throw new NotImplementedException();

    /// <summary>Blocks handed out and not yet returned.</summary>
    public int RentedBlocks => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
