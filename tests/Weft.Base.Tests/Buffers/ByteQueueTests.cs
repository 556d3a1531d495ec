using Weft.Base.Buffers;

namespace Weft.Base.Tests.Buffers;

public sealed class ByteQueueTests : IDisposable
{
    private readonly BufferPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void Bytes_come_out_in_order_across_blocks()
    {
        var queue = new ByteQueue(_pool);
        var data = Pattern(100_000);
        foreach (var part in data.Chunk(7_777))
            queue.Append(part);
        Assert.Equal(100_000, queue.Length);
        Assert.Equal(data, DrainAll(queue, 5_001));
    }

    [Fact]
    public void An_empty_queue_holds_no_block()
    {
        var queue = new ByteQueue(_pool);
        Assert.True(queue.First.IsEmpty);
        queue.Append(Pattern(40_000));
        Assert.Equal(3, _pool.RentedBlocks);
        queue.Drain(40_000);
        Assert.Equal(0, _pool.RentedBlocks);
        Assert.Null(queue.Head);
    }

    [Fact]
    public void Emptied_blocks_go_back_while_the_rest_waits()
    {
        var queue = new ByteQueue(_pool);
        queue.Append(Pattern(BufferPool.BlockBytes + 10));
        queue.Drain(BufferPool.BlockBytes);
        Assert.Equal(1, _pool.RentedBlocks);
        Assert.Equal(10, queue.First.Length);
    }

    [Fact]
    public void GetSpan_gives_contiguous_room_even_when_the_last_block_is_nearly_full()
    {
        var queue = new ByteQueue(_pool);
        queue.Append(Pattern(BufferPool.BlockBytes - 10));
        var span = queue.GetSpan(1_000);
        Assert.True(span.Length >= 1_000);
        span[..1_000].Fill(0xEE);
        queue.Advance(1_000);
        Assert.Equal(BufferPool.BlockBytes - 10 + 1_000, queue.Length);
        queue.Drain(BufferPool.BlockBytes - 10);
        Assert.Equal(1_000, queue.First.Length);
        Assert.Equal(-1, queue.First.IndexOfAnyExcept((byte)0xEE));
    }

    [Fact]
    public void GetSpan_of_a_whole_block_is_possible_and_more_is_refused()
    {
        var queue = new ByteQueue(_pool);
        Assert.Equal(BufferPool.BlockBytes, queue.GetSpan(BufferPool.BlockBytes).Length);
        queue.Advance(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.GetSpan(BufferPool.BlockBytes + 1));
    }

    [Fact]
    public void Advancing_by_nothing_leaves_an_empty_queue_without_block()
    {
        var queue = new ByteQueue(_pool);
        queue.GetSpan(10);
        queue.Advance(0);
        Assert.Equal(0, _pool.RentedBlocks);
    }

    [Fact]
    public void First_is_not_empty_while_bytes_wait_behind_an_abandoned_block()
    {
        var queue = new ByteQueue(_pool);
        queue.GetSpan(10);
        queue.GetSpan(BufferPool.BlockBytes)[0] = 1;
        queue.Advance(1);
        Assert.Equal(1, queue.First.Length);
    }

    [Fact]
    public void Moving_hands_the_blocks_over_without_copying()
    {
        var from = new ByteQueue(_pool);
        var to = new ByteQueue(_pool);
        to.Append("head "u8);
        from.Append(Pattern(20_000));
        var rented = _pool.RentedBlocks;
        from.MoveTo(to);
        Assert.Equal(rented, _pool.RentedBlocks);
        Assert.True(from.IsEmpty);
        Assert.Equal(20_005, to.Length);
        to.Drain(5);
        Assert.Equal(Pattern(20_000), DrainAll(to, 999));
        Assert.Equal(0, _pool.RentedBlocks);
    }

    [Fact]
    public void A_moved_from_queue_can_be_filled_again()
    {
        var from = new ByteQueue(_pool);
        var to = new ByteQueue(_pool);
        from.Append("one"u8);
        from.MoveTo(to);
        from.Append("two"u8);
        from.MoveTo(to);
        Assert.Equal("onetwo"u8.ToArray(), DrainAll(to, 2));
    }

    [Fact]
    public void CopyTo_reads_across_blocks_and_keeps_the_bytes()
    {
        var queue = new ByteQueue(_pool);
        var data = Pattern(40_000);
        queue.Append(data);
        var copy = new byte[50_000];
        Assert.Equal(40_000, queue.CopyTo(copy));
        Assert.Equal(data, copy[..40_000]);
        Assert.Equal(40_000, queue.Length);
        Assert.Equal(100, queue.CopyTo(copy.AsSpan(0, 100)));
    }

    [Fact]
    public void Draining_or_advancing_more_than_there_is_is_refused()
    {
        var queue = new ByteQueue(_pool);
        queue.Append("abc"u8);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Drain(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Advance(BufferPool.BlockBytes));
        queue.Clear();
        Assert.Equal(0, _pool.RentedBlocks);
    }

    private static byte[] DrainAll(ByteQueue queue, int step)
    {
        var all = new List<byte>();
        while (!queue.IsEmpty)
        {
            var part = queue.First;
            part = part[..Math.Min(step, part.Length)];
            all.AddRange(part);
            queue.Drain(part.Length);
        }
        return [.. all];
    }

    private static byte[] Pattern(int length)
    {
        var data = new byte[length];
        for (var i = 0; i < length; i++)
            data[i] = (byte)(i * 31 + (i >> 8));
        return data;
    }
}
