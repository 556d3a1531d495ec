using Weft.Proxy.HttpFilters.LocalRateLimit;

namespace Weft.Proxy.Tests.HttpFilters.LocalRateLimit;

public sealed class TokenBucketTests
{
    private const long Second = 1_000_000;

    [Theory]
    [InlineData(1u, 1u, 1000)]
    [InlineData(3u, 3u, 1000)]
    [InlineData(7u, 2u, 100)]
    [InlineData(1000u, 999u, 60_000)]
    public void A_full_bucket_gives_as_many_tokens_as_it_holds(uint max, uint perFill, long intervalMs)
    {
        var bucket = new TokenBucket(max, perFill, intervalMs);
        Assert.Equal(max, bucket.Remaining(Second));
        for (var i = 0; i < max; i++) Assert.True(bucket.TryTake(Second), $"token {i}");
        Assert.False(bucket.TryTake(Second));
        Assert.Equal(0, bucket.Remaining(Second));
    }

    [Fact]
    public void Tokens_come_back_one_by_one_and_never_more_than_it_holds()
    {
        var bucket = new TokenBucket(4, 2, 1000);
        for (var i = 0; i < 4; i++) bucket.TryTake(Second);
        Assert.Equal(1, bucket.ResetSeconds(Second));
        Assert.False(bucket.TryTake(Second + Second / 2 - 10));
        Assert.True(bucket.TryTake(Second + Second / 2));
        Assert.Equal(4, bucket.Remaining(100 * Second));
        for (var i = 0; i < 4; i++) Assert.True(bucket.TryTake(100 * Second));
        Assert.False(bucket.TryTake(100 * Second));
    }

    [Fact]
    public void Threads_share_it_and_take_each_token_once()
    {
        var bucket = new TokenBucket(10_000, 1, 1_000_000);
        var taken = 0;
        Parallel.For(0, 40_000, _ =>
        {
            if (bucket.TryTake(Second)) Interlocked.Increment(ref taken);
        });
        Assert.Equal(10_000, taken);
    }
}
