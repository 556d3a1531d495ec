namespace Weft.Base.Buffers;

/// <summary>One block of a <see cref="BufferPool"/> and the part of it that holds data.</summary>
public sealed unsafe class Segment
{
    internal byte* Memory;
    internal int Start;
    internal int End;
    internal Segment? Next;
}
