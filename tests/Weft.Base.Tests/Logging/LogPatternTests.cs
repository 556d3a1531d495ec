using System.Text;
using Weft.Base.Buffers;
using Weft.Base.Logging;

namespace Weft.Base.Tests.Logging;

public class LogPatternTests
{
    private static readonly LogRecord Record = new(
        new DateTimeOffset(2024, 3, 5, 15, 4, 9, 87, TimeSpan.FromHours(2)).AddTicks(6540), LogLevel.Warning, "upstream", "a\n\"b\" ü", "Pool.cs", 42, 1234);

    [Theory]
    [InlineData("[%Y-%m-%d %T.%e][%t][%l][%n] [%g:%#]", "[2024-03-05 15:04:09.087][1234][warning][upstream] [Pool.cs:42]")]
    [InlineData("%C %m/%d %H:%M:%S %I %p %R %r", "24 03/05 15:04:09 03 PM 15:04 03:04:09 PM")]
    [InlineData("%e %f %F", "087 087654 087654000")]
    [InlineData("%a %A %b %B %D %x %X %z", "Tue Tuesday Mar March 03/05/24 03/05/24 15:04:09 +02:00")]
    [InlineData("%c", "Tue Mar 5 15:04:09 2024")]
    [InlineData("%L %@ %s", "W Pool.cs:42 Pool.cs")]
    [InlineData("%_", "a\\n\"b\" ü")]
    [InlineData("{\"m\":\"%j\"}", "{\"m\":\"a\\n\\\"b\\\" ü\"}")]
    [InlineData("100%% %q %", "100% %q %")]
    [InlineData("<%10l><%-10l><%=11l>", "<   warning><warning   ><  warning  >")]
    [InlineData("%*%^%$", "")]
    public void Every_flag_prints_what_spdlog_prints(string pattern, string expected) => Assert.Equal(expected, Format(pattern));

    [Fact]
    public void The_process_id_is_printed() => Assert.Equal(Environment.ProcessId.ToString(), Format("%P"));

    [Fact]
    public void Escaping_keeps_a_message_on_one_line() => Assert.Equal("a\\n\\\"b\\\" ü", Format("%v", escape: true));

    [Fact]
    public void The_level_is_coloured_only_when_colours_are_asked_for()
    {
        Assert.Equal("[\u001b[33;1mwarning\u001b[0m] x", Format("[%l] x", colours: true));
        Assert.Equal("[warning] x", Format("[%l] x"));
    }

    [Fact]
    public void Marks_say_what_is_coloured() => Assert.Equal("warning \u001b[33;1mupstream\u001b[0m", Format("%l %^%n%$", colours: true));

    private static string Format(string pattern, bool colours = false, bool escape = false)
    {
        var writer = new ByteWriter();
        LogPattern.Parse(pattern).Format(Record, writer, colours, escape);
        return Encoding.UTF8.GetString(writer.Written);
    }
}
