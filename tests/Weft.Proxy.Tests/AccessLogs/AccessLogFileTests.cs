using System.Text;
using Weft.Base.Stats;
using Weft.Proxy.AccessLogs;

namespace Weft.Proxy.Tests.AccessLogs;

public sealed class AccessLogFileTests : IDisposable
{
    private readonly StatsStore _store = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-log-");

    private string LogPath => Path.Combine(_directory.FullName, "access.log");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Lines_reach_the_file_in_order_and_the_same_path_is_the_same_file()
    {
        using (var files = Files())
        {
            var file = files.Open(LogPath);
            Assert.Same(file, files.Open(LogPath));
            file.Write("one\n"u8);
            file.Write("two\n"u8);
        }

        Assert.Equal("one\ntwo\n", File.ReadAllText(LogPath));
        Assert.Equal(2, Value("filesystem.write_buffered"));
        Assert.Equal(0, Value("filesystem.write_total_buffered"));
        Assert.InRange(Value("filesystem.write_completed"), 1, 2);
    }

    [Fact]
    public void A_file_is_appended_to()
    {
        File.WriteAllText(LogPath, "old\n");
        using (var files = Files())
            files.Open(LogPath).Write("new\n"u8);
        Assert.Equal("old\nnew\n", File.ReadAllText(LogPath));
    }

    [Fact]
    public void Without_further_lines_the_timer_flushes()
    {
        using var device = new MemoryDevice();
        var file = new AccessLogFile(() => device, new AccessLogStats(_store.Scope("")), flushIntervalMs: 1);
        var written = "";
        while (Value("filesystem.flushed_by_timer") == 0)
        {
            file.Write("line\n"u8);
            device.WaitFor(written += "line\n");
        }

        file.Stop();
        Assert.True(file.Join(120_000));
    }

    [Fact]
    public void Whole_lines_of_several_threads_are_never_mixed()
    {
        const int Threads = 4;
        const int Lines = 20_000;
        using (var files = Files())
        {
            var file = files.Open(LogPath);
            var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
            {
                for (var i = 0; i < Lines; i++)
                    file.Write(Encoding.ASCII.GetBytes($"thread {thread} line {i} {new string('x', i % 50)}\n"));
            })).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
        }

        var byThread = File.ReadLines(LogPath).Select(line => line.Split(' ')).GroupBy(words => words[1]).ToArray();
        var dropped = Value("filesystem.write_dropped");
        Assert.Equal(Threads, byThread.Length);
        Assert.Equal(Threads * Lines, byThread.Sum(group => group.Count()) + dropped);
        foreach (var group in byThread)
        {
            var numbers = group.Select(words => int.Parse(words[3], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(numbers.Order(), numbers);
            Assert.All(group, words => Assert.Equal(int.Parse(words[3], System.Globalization.CultureInfo.InvariantCulture) % 50, words[4].Length));
        }
    }

    [Fact]
    public void Beyond_the_limit_lines_are_dropped_and_counted()
    {
        using var device = new MemoryDevice { IsBlocked = true };
        var file = new AccessLogFile(() => device, new AccessLogStats(_store.Scope("")), flushIntervalMs: 1);
        var line = new byte[1024];
        const int Lines = (2 * AccessLogFile.MaxBufferedBytes) / 1024;
        for (var i = 0; i < Lines; i++)
            file.Write(line);
        var kept = Value("filesystem.write_buffered");
        // What the flush thread holds while it is blocked counts too.
        Assert.InRange(kept, AccessLogFile.MaxBufferedBytes / 1024, (AccessLogFile.MaxBufferedBytes / 1024) + 128);
        Assert.Equal(Lines - kept, Value("filesystem.write_dropped"));
        device.Unblock();
        file.Stop();
        Assert.True(file.Join(120_000));
        Assert.Equal(kept * 1024, device.Length);
    }

    [Fact]
    public void A_full_disk_loses_lines_counts_them_and_goes_on_with_a_line_of_its_own()
    {
        using var device = new MemoryDevice { RoomBytes = 9 };
        var file = new AccessLogFile(() => device, new AccessLogStats(_store.Scope("")), flushIntervalMs: 1);
        file.Write("first\n"u8);
        device.WaitFor("first\n");
        file.Write("second\n"u8);
        device.WaitFor("first\nsec");
        device.RoomBytes = int.MaxValue;
        file.Write("third\n"u8);
        device.WaitFor("first\nsec\nthird\n");
        file.Stop();
        Assert.True(file.Join(120_000));
        Assert.Equal((1, 1), (Value("filesystem.write_failed"), Value("filesystem.write_dropped")));
    }

    [Fact]
    public void A_device_without_room_loses_lines_and_counts_them()
    {
        var store = new StatsStore();
        using (var files = new AccessLogFiles(store.Scope(""), flushIntervalMs: 1))
            files.Open("/dev/full").Write("a line\n"u8);
        var statistics = new List<Statistic>();
        store.List(statistics);
        Assert.Contains(statistics, statistic => statistic is { Name: "filesystem.write_failed", Value: >= 1 });
    }

    [Fact]
    public void After_rotation_lines_go_to_the_new_file()
    {
        using (var files = Files())
        {
            var file = files.Open(LogPath);
            file.Write("before\n"u8);
            SpinWait.SpinUntil(() => new FileInfo(LogPath).Length > 0);
            File.Move(LogPath, LogPath + ".1");
            files.Reopen();
            SpinWait.SpinUntil(() => File.Exists(LogPath));
            file.Write("after\n"u8);
        }

        Assert.Equal("before\n", File.ReadAllText(LogPath + ".1"));
        Assert.Equal("after\n", File.ReadAllText(LogPath));
    }

    [Fact]
    public void When_the_file_cannot_be_opened_again_the_old_one_is_written_on()
    {
        using var device = new MemoryDevice();
        var fails = false;
        var file = new AccessLogFile(() => fails ? throw new IOException("no") : device, new AccessLogStats(_store.Scope("")), flushIntervalMs: 1);
        fails = true;
        file.Reopen();
        SpinWait.SpinUntil(() => Value("filesystem.reopen_failed") > 0);
        file.Write("kept\n"u8);
        device.WaitFor("kept\n");
        file.Stop();
        Assert.True(file.Join(120_000));
    }

    [Fact]
    public void A_path_that_cannot_be_opened_says_why()
    {
        using var files = Files();
        var fault = Assert.Throws<IOException>(() => files.Open("/no/such/directory/access.log"));
        Assert.Equal("unable to open file '/no/such/directory/access.log': No such file or directory", fault.Message);
    }

    [Fact]
    public void Writing_a_line_allocates_nothing_once_chunks_go_round()
    {
        using var device = new MemoryDevice { IsDiscarding = true };
        var file = new AccessLogFile(() => device, new AccessLogStats(_store.Scope("")), flushIntervalMs: 1);
        var line = new byte[300];
        // As many chunks as may wait are made first.
        WriteUntilDropped(file, line, device);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 2000; i++)
            file.Write(line);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        file.Stop();
        Assert.True(file.Join(120_000));
    }

    private void WriteUntilDropped(AccessLogFile file, byte[] line, MemoryDevice device)
    {
        device.IsBlocked = true;
        while (Value("filesystem.write_dropped") == 0)
            file.Write(line);
        device.Unblock();
        SpinWait.SpinUntil(() => Value("filesystem.write_total_buffered") == 0);
    }

    private AccessLogFiles Files() => new(_store.Scope(""), flushIntervalMs: 1);

    private long Value(string name)
    {
        var list = new List<Statistic>();
        _store.List(list);
        return list.Single(statistic => statistic.Name == name).Value;
    }
}
