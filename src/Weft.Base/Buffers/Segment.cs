using System.Runtime.CompilerServices;

namespace Weft.Base.Buffers;

/// <summary>One block of a <see cref="BufferPool"/> and the part of it that holds data. Belongs to the pool's loop.</summary>
public sealed unsafe class Segment
{
    internal byte* Memory;
    internal int Start;
    internal int End;
    internal Segment? Following;

    internal Segment(byte* memory) => Memory = memory;

    /// <summary>The bytes it holds.</summary>
    public ReadOnlySpan<byte> Data => new(Memory + Start, End - Start);

    /// <summary>Address of the first byte it holds; blocks are unmanaged memory and do not move.</summary>
    public byte* DataPointer => Memory + Start;

    /// <summary>Bytes it holds.</summary>
    public int Length => End - Start;

    /// <summary>The free bytes behind <see cref="Data"/>; follow with <see cref="Advance"/>.</summary>
    public Span<byte> Free => new(Memory + End, BufferPool.BlockBytes - End);

    /// <summary>The segment behind it in its queue; null for the last.</summary>
    public Segment? Next => Following;

    internal int FreeBytes => BufferPool.BlockBytes - End;

    /// <summary>Says how many bytes of <see cref="Free"/> were written.</summary>
    public void Advance(int count)
    {
        if ((uint)count > (uint)FreeBytes)
            ThrowCount();
        End += count;
    }

    internal void Reset()
    {
        Start = 0;
        End = 0;
        Following = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void ThrowCount() => throw new ArgumentOutOfRangeException("count");
}
