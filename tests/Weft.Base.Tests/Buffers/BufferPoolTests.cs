using Weft.Base.Buffers;

namespace Weft.Base.Tests.Buffers;

public sealed class BufferPoolTests
{
    [Fact]
    public void The_block_returned_last_is_handed_out_next()
    {
        using var pool = new BufferPool();
        var first = pool.Rent();
        var second = pool.Rent();
        pool.Return(first);
        pool.Return(second);
        Assert.Same(second, pool.Rent());
        Assert.Same(first, pool.Rent());
    }

    [Fact]
    public void Rented_blocks_are_counted_until_they_come_back()
    {
        using var pool = new BufferPool();
        var segment = pool.Rent();
        _ = pool.Rent();
        Assert.Equal(2, pool.RentedBlocks);
        pool.Return(segment);
        Assert.Equal(1, pool.RentedBlocks);
    }

    [Fact]
    public void Free_blocks_beyond_the_cap_are_not_kept()
    {
        using var pool = new BufferPool(maxFreeBlocks: 2);
        var segments = new[] { pool.Rent(), pool.Rent(), pool.Rent() };
        foreach (var segment in segments)
            pool.Return(segment);
        Assert.Equal(2, pool.FreeBlocks);
        Assert.Equal(0, pool.RentedBlocks);
    }

    [Fact]
    public void A_reused_block_is_empty_and_whole()
    {
        using var pool = new BufferPool();
        var segment = pool.Rent();
        segment.Free[0] = 7;
        segment.Advance(100);
        pool.Return(segment);
        segment = pool.Rent();
        Assert.Equal(0, segment.Length);
        Assert.Equal(BufferPool.BlockBytes, segment.Free.Length);
    }

    [Fact]
    public void A_segment_cannot_advance_past_its_end()
    {
        using var pool = new BufferPool();
        var segment = pool.Rent();
        segment.Advance(BufferPool.BlockBytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Advance(1));
    }

    [Fact]
    public void Blocks_returned_after_dispose_are_released()
    {
        var pool = new BufferPool();
        var segment = pool.Rent();
        pool.Dispose();
        pool.Return(segment);
        Assert.Equal(0, pool.FreeBlocks);
    }
}
