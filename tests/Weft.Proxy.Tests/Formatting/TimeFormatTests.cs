using System.Text;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Tests.Formatting;

public sealed class TimeFormatTests
{
    private static readonly DateTime s_time = DateTime.UnixEpoch.AddSeconds(1522796769).AddTicks(1234500);

    [Theory]
    [InlineData("%Y-%m-%dT%H:%M:%E3SZ %E6S %E*S %E4f %E*f %S. %s %3f %6f %9f", "2018-04-03T23:06:09.123Z 09.123450 09.12345 1234 12345 09. 1522796769 123 123450 123450000")]
    [InlineData("%f|%*f|%1f%2f", "123450000|12345|112")]
    [InlineData("%%1f %%%%|%%%%%f", "%1 %%|%%123450000")]
    [InlineData("bad_format", "bad_format")]
    [InlineData("trailing %", "trailing %")]
    [InlineData("%a %A %b %B %h %e %j", "Tue Tuesday Apr April Apr  3 093")]
    [InlineData("%y %C %I %l %k %p %P", "18 20 11 11 23 PM pm")]
    [InlineData("%D %F %T %R %r", "04/03/18 2018-04-03 23:06:09 23:06 11:06:09 PM")]
    [InlineData("%c|%x|%X", "Tue Apr  3 23:06:09 2018|04/03/18|23:06:09")]
    [InlineData("%u %w %U %W %V %G %g", "2 2 13 14 14 2018 18")]
    [InlineData("%z %Ez %E*z %Z%t%ET%E4Y", "+0000 +00:00 +00:00:00 UTC\tT2018")]
    public void A_moment_prints_as_strftime_and_Envoy_say(string format, string expected) => Assert.Equal(expected, Print(format, s_time, TimeSpan.Zero));

    [Theory]
    [InlineData("%E*S|%E3S|%*f|%f|%E*f|%3f", "00|00.000|0|000000000|0|000")]
    public void At_a_full_second_fractions_without_width_shrink(string format, string expected) => Assert.Equal(expected, Print(format, DateTime.UnixEpoch, TimeSpan.Zero));

    [Fact]
    public void Local_time_is_ahead_by_its_offset()
    {
        Assert.Equal("2018-04-04T04:36:09.123+0530 +05:30 1522796769", Print("%Y-%m-%dT%H:%M:%E3S%z %Ez %s", s_time, new TimeSpan(5, 30, 0)));
        Assert.Equal("18:06 -0500", Print("%H:%M %z", s_time, new TimeSpan(-5, 0, 0)));
    }

    [Theory]
    [InlineData("%n")]
    [InlineData("%En")]
    [InlineData("%On")]
    [InlineData("x%Q")]
    [InlineData("%E")]
    public void Line_ends_and_unknown_specifiers_are_refused(string format)
    {
        Assert.Null(TimeFormat.Parse(format, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void One_format_prints_one_second_after_the_other_and_back()
    {
        var format = TimeFormat.Parse("%H:%M:%S.%3f|%s", out _)!;
        var other = TimeFormat.Parse("%S", out _)!;
        var output = new ByteWriter();
        foreach (var ms in (long[])[0, 1, 999, 1000, 61_500, 2])
        {
            format.Write(output, DateTime.UnixEpoch.AddMilliseconds(ms), TimeSpan.Zero);
            other.Write(output, DateTime.UnixEpoch.AddMilliseconds(ms), TimeSpan.FromSeconds(1));
            output.Write((byte)' ');
        }

        Assert.Equal("00:00:00.000|001 00:00:00.001|001 00:00:00.999|001 00:00:01.000|102 00:01:01.500|6102 00:00:00.002|001 ", Encoding.UTF8.GetString(output.Written));
    }

    private static string Print(string format, DateTime time, TimeSpan offset)
    {
        var output = new ByteWriter();
        var parsed = TimeFormat.Parse(format, out var error);
        Assert.Equal("", error);
        parsed!.Write(output, time, offset);
        return Encoding.UTF8.GetString(output.Written);
    }
}
