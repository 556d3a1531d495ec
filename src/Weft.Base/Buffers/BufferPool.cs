using System.Runtime.InteropServices;

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

    /// <summary>Free blocks a pool keeps by default: 4 MiB.</summary>
    public const int DefaultMaxFreeBlocks = 256;

    private const int CacheLineBytes = 64;

    private readonly int _maxFreeBlocks;
    private Segment? _free;
    private int _freeBlocks;
    private int _rentedBlocks;
    private bool _disposed;

    public BufferPool() : this(DefaultMaxFreeBlocks)
    {
    }

    /// <param name="maxFreeBlocks">Free blocks kept for reuse.</param>
    public BufferPool(int maxFreeBlocks) => _maxFreeBlocks = maxFreeBlocks;

    /// <summary>Blocks handed out and not yet returned.</summary>
    public int RentedBlocks => _rentedBlocks;

    /// <summary>Blocks kept for reuse.</summary>
    public int FreeBlocks => _freeBlocks;

    /// <summary>Takes a block; never null. Its bytes are those of its last user.</summary>
    public Segment Rent()
    {
        _rentedBlocks++;
        var segment = _free;
        if (segment is null)
            return new Segment((byte*)NativeMemory.AlignedAlloc(BlockBytes + Padding, CacheLineBytes));
        _free = segment.Following;
        _freeBlocks--;
        segment.Reset();
        return segment;
    }

    /// <summary>Gives a block back. Free blocks beyond the pool's cap are returned to the system.</summary>
    public void Return(Segment segment)
    {
        _rentedBlocks--;
        if (_disposed || _freeBlocks >= _maxFreeBlocks)
        {
            Release(segment);
            return;
        }
        segment.Following = _free;
        _free = segment;
        _freeBlocks++;
    }

    /// <summary>Frees the free blocks; those still rented are freed when they are returned.</summary>
    public void Dispose()
    {
        _disposed = true;
        while (_free is { } segment)
        {
            _free = segment.Following;
            Release(segment);
        }
        _freeBlocks = 0;
    }

    private static void Release(Segment segment)
    {
        NativeMemory.AlignedFree(segment.Memory);
        segment.Memory = null;
        segment.Reset();
    }
}
