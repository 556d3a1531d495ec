using System.Text;
using Weft.Base.Logging;

namespace Weft.Base.Tests.Logging;

public sealed class LoggerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_message_below_its_components_level_is_dropped()
    {
        var (registry, stream) = InMemory("%n %l %v");
        registry.Get("http").Level = LogLevel.Error;
        registry.Get("http").Warning("no");
        registry.Get("http").Error("yes");
        registry.Get("dns").Debug("no");
        registry.Get("dns").Info("yes");
        Assert.Equal("http error yes\ndns info yes\n", Text(stream));
    }

    [Fact]
    public void Level_off_drops_everything()
    {
        var (registry, stream) = InMemory("%v");
        registry.SetLevel(LogLevel.Off);
        registry.Get("main").Critical("no");
        registry.Get("main").Log(LogLevel.Off, "no");
        Assert.Equal("", Text(stream));
    }

    [Fact]
    public void A_level_for_all_reaches_loggers_that_are_made_later()
    {
        var (registry, _) = InMemory("%v");
        registry.SetLevel(LogLevel.Trace);
        Assert.True(registry.Get("something_new").IsEnabled(LogLevel.Trace));
        Assert.Contains(registry.Loggers, logger => logger.Name == "something_new");
    }

    [Fact]
    public void The_same_component_is_the_same_logger() => Assert.Same(Logger.Get("main"), Logger.Get("main"));

    [Fact]
    public void The_source_position_is_the_callers()
    {
        var (registry, stream) = InMemory("%g:%#");
        registry.Get("main").Info("x");
        Assert.StartsWith("LoggerTests.cs:", Text(stream), StringComparison.Ordinal);
    }

    [Fact]
    public void A_renamed_log_file_is_left_alone_after_reopening()
    {
        var path = Path.Combine(_folder, "log");
        using var output = LogOutput.File(path);
        output.Write("one\n"u8);
        File.Move(path, path + ".1");
        output.Write("two\n"u8);
        output.Reopen();
        output.Write("three\n"u8);
        Assert.Equal("one\ntwo\n", File.ReadAllText(path + ".1"));
        Assert.Equal("three\n", File.ReadAllText(path));
    }

    [Fact]
    public void Lines_of_many_threads_do_not_mix()
    {
        var (registry, stream) = InMemory("%v");
        var logger = registry.Get("main");
        var threads = Enumerable.Range(0, 4).Select(n => new Thread(() =>
        {
            for (var i = 0; i < 200; i++)
                logger.Info(new string((char)('a' + n), 40));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var lines = Text(stream).TrimEnd('\n').Split('\n');
        Assert.Equal(800, lines.Length);
        Assert.All(lines, line => Assert.Equal(new string(line[0], 40), line));
    }

    [Theory]
    [InlineData("warn", LogLevel.Warning)]
    [InlineData("warning", LogLevel.Warning)]
    [InlineData("off", LogLevel.Off)]
    public void Level_names_are_Envoys(string text, LogLevel expected)
    {
        Assert.True(LogLevels.TryParse(text, out var level));
        Assert.Equal(expected, level);
    }

    [Theory]
    [InlineData("WARN")]
    [InlineData("verbose")]
    [InlineData("")]
    public void Other_level_names_are_refused(string text) => Assert.False(LogLevels.TryParse(text, out _));

    private static (LogRegistry Registry, MemoryStream Stream) InMemory(string pattern)
    {
        var stream = new MemoryStream();
        return (new LogRegistry(new LogOutput(() => stream)) { Pattern = LogPattern.Parse(pattern) }, stream);
    }

    private static string Text(MemoryStream stream) => Encoding.UTF8.GetString(stream.ToArray());
}
