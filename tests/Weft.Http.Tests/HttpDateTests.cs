using System.Globalization;
using System.Text;

namespace Weft.Http.Tests;

public sealed class HttpDateTests
{
    [Theory]
    [InlineData(0, "Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData(784111777, "Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData(1709251199, "Thu, 29 Feb 2024 23:59:59 GMT")]
    [InlineData(-1, "Wed, 31 Dec 1969 23:59:59 GMT")]
    public void Date_has_the_fixed_form(long seconds, string expected) => Assert.Equal(expected, Format(seconds));

    [Fact]
    public void Date_is_that_of_the_framework_for_many_seconds()
    {
        for (var seconds = -3_000_000_000L; seconds < 30_000_000_000; seconds += 7_654_321)
            Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("R", CultureInfo.InvariantCulture), Format(seconds));
    }

    private static string Format(long seconds)
    {
        Span<byte> text = stackalloc byte[HttpDate.Length];
        HttpDate.Format(seconds, text);
        return Encoding.ASCII.GetString(text);
    }
}
