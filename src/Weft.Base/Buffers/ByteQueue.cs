using System.Diagnostics;

namespace Weft.Base.Buffers;

/// <summary>
/// Bytes that wait: a chain of pooled blocks, appended at the back and drained at the front. Holds no block while empty,
/// so an idle connection costs nothing. Belongs to one loop.
/// </summary>
public sealed class ByteQueue(BufferPool pool)
{
    private Segment? _head;
    private Segment? _tail;
    private int _length;

    /// <summary>Bytes held.</summary>
    public int Length => _length;

    public bool IsEmpty => _length == 0;

    /// <summary>The first block, for walking along <see cref="Segment.Next"/> (gathering writes); null when the queue is empty. A block may be empty.</summary>
    public Segment? Head => _length == 0 ? null : _head;

    /// <summary>The bytes of the first block; empty when the queue is empty.</summary>
    public ReadOnlySpan<byte> First => _length == 0 ? default : _head!.Data;

    /// <summary>Copies <paramref name="data"/> to the back.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var tail = _tail is { FreeBytes: > 0 } last ? last : AddBlock();
            var count = Math.Min(data.Length, tail.FreeBytes);
            data[..count].CopyTo(tail.Free);
            tail.End += count;
            _length += count;
            data = data[count..];
        }
    }

    /// <summary>
    /// At least <paramref name="size"/> contiguous writable bytes at the back (at most <see cref="BufferPool.BlockBytes"/>);
    /// always follow with <see cref="Advance"/>, with 0 when nothing was written.
    /// </summary>
    public Span<byte> GetSpan(int size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)size, (uint)BufferPool.BlockBytes, nameof(size));
        var tail = _tail is { } last && last.FreeBytes >= Math.Max(size, 1) ? last : AddBlock();
        return tail.Free;
    }

    /// <summary>Says how many bytes of the span from <see cref="GetSpan"/> were written.</summary>
    public void Advance(int count)
    {
        if (count == 0 && _length == 0)
        {
            Clear();
            return;
        }
        if (_tail is null || (uint)count > (uint)_tail.FreeBytes)
            Segment.ThrowCount();
        _tail!.End += count;
        _length += count;
        SkipEmptyHead();
    }

    /// <summary>Drops <paramref name="count"/> bytes from the front and returns emptied blocks to the pool.</summary>
    public void Drain(int count)
    {
        if ((uint)count > (uint)_length)
            Segment.ThrowCount();
        _length -= count;
        if (_length == 0)
        {
            Clear();
            return;
        }
        while (count > 0)
        {
            var head = _head!;
            var taken = Math.Min(count, head.Length);
            head.Start += taken;
            count -= taken;
            SkipEmptyHead();
        }
    }

    /// <summary>
    /// Copies bytes from the front, across blocks, and keeps them; returns how many (less than asked for when the queue holds less).
    /// </summary>
    public int CopyTo(Span<byte> destination)
    {
        var copied = 0;
        for (var segment = Head; segment is not null && copied < destination.Length; segment = segment.Following)
        {
            var part = segment.Data;
            if (part.Length > destination.Length - copied)
                part = part[..(destination.Length - copied)];
            part.CopyTo(destination[copied..]);
            copied += part.Length;
        }
        return copied;
    }

    /// <summary>Moves everything to the back of <paramref name="other"/> (of the same pool), block by block, without copying.</summary>
    public void MoveTo(ByteQueue other)
    {
        Debug.Assert(ReferenceEquals(pool, other.Pool), "blocks must return to the pool they came from");
        if (_length == 0)
        {
            Clear();
            return;
        }
        if (other._length == 0)
            other.Clear();
        if (other._tail is null)
            other._head = _head;
        else
            other._tail.Following = _head;
        other._tail = _tail;
        other._length += _length;
        _head = null;
        _tail = null;
        _length = 0;
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        while (_head is { } segment)
        {
            _head = segment.Following;
            pool.Return(segment);
        }
        _tail = null;
        _length = 0;
    }

    private BufferPool Pool => pool;

    private Segment AddBlock()
    {
        var segment = pool.Rent();
        if (_tail is null)
            _head = segment;
        else
            _tail.Following = segment;
        _tail = segment;
        return segment;
    }

    /// <summary>Keeps the first block non-empty, so that <see cref="First"/> is, while the queue holds bytes.</summary>
    private void SkipEmptyHead()
    {
        while (_length > 0 && _head!.Length == 0)
        {
            var next = _head.Following!;
            pool.Return(_head);
            _head = next;
        }
    }
}
