using System.Text;
using Weft.Observe.Storage;

namespace Weft.Observe.Tests.Storage;

public sealed class SegmentedLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-segments-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_appended_is_read_back_in_order_by_the_next_process()
    {
        using (var log = new SegmentedLog(_folder, "spans", 1_000_000))
        {
            log.Append("one"u8);
            log.Append("two"u8);
        }

        using var next = new SegmentedLog(_folder, "spans", 1_000_000);
        next.Append("three"u8);
        next.Flush();
        Assert.Equal(["one", "two", "three"], Read(next));
    }

    [Fact]
    public void The_oldest_file_goes_when_together_they_are_too_long()
    {
        using var log = new SegmentedLog(_folder, "spans", 8_000);
        for (var i = 0; i < 1000; i++)
            log.Append(Encoding.UTF8.GetBytes(i.ToString("0000", null) + new string('x', 96)));
        log.Flush();
        Assert.InRange(Directory.EnumerateFiles(_folder).Sum(file => new FileInfo(file).Length), 1_000, 8_900);
        Assert.StartsWith("0999", Read(log)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void No_more_than_asked_for_is_read_back_and_that_is_the_newest()
    {
        File.WriteAllText(Path.Combine(_folder, "spans-00000001.jsonl"), "oldest\n");
        File.WriteAllText(Path.Combine(_folder, "spans-00000002.jsonl"), "older\n");
        File.WriteAllText(Path.Combine(_folder, "spans-00000010.jsonl"), "newest\n");
        using var log = new SegmentedLog(_folder, "spans", 1_000_000);
        Assert.Equal(["newest"], log.ReadBack(1).Select(line => Encoding.UTF8.GetString(line)));
        Assert.Equal(["older", "newest"], log.ReadBack(14).Select(line => Encoding.UTF8.GetString(line)));
    }

    [Fact]
    public void A_torn_last_line_is_passed_over()
    {
        File.WriteAllText(Path.Combine(_folder, "spans-00000001.jsonl"), "whole\ntor");
        using var log = new SegmentedLog(_folder, "spans", 1_000_000);
        Assert.Equal(["whole"], Read(log));
    }

    [Fact]
    public void What_cannot_be_written_is_counted_and_nothing_is_thrown()
    {
        using var log = new SegmentedLog(Path.Combine(_folder, "gone"), "spans", 1_000_000);
        Directory.Delete(Path.Combine(_folder, "gone"));
        log.Append("one"u8);
        log.Append("two"u8);
        Assert.Equal(2, log.Failed);
    }

    private static List<string> Read(SegmentedLog log) => [.. log.ReadBack(long.MaxValue).Select(line => Encoding.UTF8.GetString(line))];
}
