using Weft.Observe.Logs;

namespace Weft.Observe.Tests.Logs;

public sealed class LogTailTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-tail-").FullName;
    private readonly List<string> _lines = [];
    private readonly string _file;
    private readonly LogTail _tail;

    public LogTailTests()
    {
        _file = Path.Combine(_folder, "access.log");
        _tail = new LogTail(_file, _lines.Add);
    }

    public void Dispose()
    {
        _tail.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_file_is_followed_from_when_it_appears_and_lines_are_given_whole()
    {
        _tail.Poll();
        File.WriteAllText(_file, "one\ntw");
        _tail.Poll();
        Assert.Equal(["one"], _lines);
        File.AppendAllText(_file, "o\n\nthree\n");
        _tail.Poll();
        Assert.Equal(["one", "two", "three"], _lines);
    }

    [Fact]
    public void A_file_that_is_rotated_or_cut_is_followed_on()
    {
        File.WriteAllText(_file, "one\n");
        _tail.Poll();
        File.AppendAllText(_file, "late\n");
        File.Move(_file, _file + ".1");
        File.WriteAllText(_file, "two is longer than one\n");
        _tail.Poll();
        _tail.Poll();
        Assert.Equal(["one", "late", "two is longer than one"], _lines);
        File.WriteAllText(_file, "cut\n");
        _tail.Poll();
        Assert.Equal("cut", _lines[^1]);
    }

    [Fact]
    public void Of_a_large_file_only_the_end_is_read_and_of_a_long_line_only_the_beginning()
    {
        File.WriteAllText(_file, string.Concat(Enumerable.Range(0, 100_000).Select(number => $"line {number}\n")) + new string('x', 100_000) + "\n");
        _tail.Poll();
        Assert.InRange(_lines.Count, 2, 50_000);
        Assert.Matches("^line [0-9]+$", _lines[0]);
        Assert.Equal(LogStore.MaxLineLength, _lines[^1].Length);
    }
}
