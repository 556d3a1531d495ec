using System.Text;

namespace Weft.Http.Tests;

public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData("1H", 3_600_000L)]
    [InlineData("2M", 120_000L)]
    [InlineData("3S", 3_000L)]
    [InlineData("4m", 4L)]
    [InlineData("1001u", 2L)]
    [InlineData("1n", 1L)]
    [InlineData("0m", 0L)]
    [InlineData("99999999H", 359_999_996_400_000L)]
    [InlineData("100000000m", null)]
    [InlineData("m", null)]
    [InlineData("5", null)]
    [InlineData("5x", null)]
    [InlineData("-5m", null)]
    [InlineData("", null)]
    public void Digits_and_a_unit_are_a_time(string text, long? expectedMs)
    {
        var headers = new HeaderMap();
        headers.Add(KnownHeader.GrpcTimeout, Encoding.ASCII.GetBytes(text));
        Assert.Equal(expectedMs, GrpcTimeout.ReadMs(headers));
    }

    [Theory]
    [InlineData(0, "0m")]
    [InlineData(99_999_999, "99999999m")]
    [InlineData(100_000_000, "100000S")]
    [InlineData(100_000_000_000, "1666666M")]
    [InlineData(long.MaxValue, "99999999H")]
    public void A_time_is_written_in_the_finest_unit_that_holds_it(long timeoutMs, string expected)
    {
        var headers = new HeaderMap();
        GrpcTimeout.Write(headers, timeoutMs);
        Assert.Equal(expected, Encoding.ASCII.GetString(headers.Get(KnownHeader.GrpcTimeout)));
    }
}
