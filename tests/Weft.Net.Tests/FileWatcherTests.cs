namespace Weft.Net.Tests;

public sealed class FileWatcherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-watch-").FullName;
    private readonly TestLoop _loop = new();
    private readonly FileWatcher _watcher;
    private readonly List<string> _seen = [];

    public FileWatcherTests() => _watcher = new FileWatcher(_loop.Loop);

    public void Dispose()
    {
        _watcher.Dispose();
        _loop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_file_that_is_renamed_into_place_is_told()
    {
        File.WriteAllText(PathOf("new.tmp"), "b");
        using var watch = _watcher.TryWatch(_folder, _seen.Add);
        File.Move(PathOf("new.tmp"), PathOf("eds.yaml"), overwrite: true);
        Until("eds.yaml");
        Assert.DoesNotContain("new.tmp", _seen);
    }

    [Fact]
    public void A_write_in_place_is_told_by_the_directory_and_by_the_file()
    {
        File.WriteAllText(PathOf("eds.yaml"), "a");
        using var directory = _watcher.TryWatch(_folder, _seen.Add);
        using var file = _watcher.TryWatch(PathOf("eds.yaml"), name => _seen.Add("file:" + name));
        File.WriteAllText(PathOf("eds.yaml"), "b");
        Until("eds.yaml");
        Until("file:");
    }

    [Fact]
    public void A_symbolic_link_that_is_exchanged_is_told()
    {
        using var watch = _watcher.TryWatch(_folder, _seen.Add);
        File.CreateSymbolicLink(PathOf("tmp"), "one");
        File.Move(PathOf("tmp"), PathOf("current"));
        Until("current");
    }

    [Fact]
    public void A_file_that_is_made_is_told_when_it_has_been_written()
    {
        using var watch = _watcher.TryWatch(_folder, _seen.Add);
        using (var file = File.Create(PathOf("eds.yaml")))
        {
            file.WriteByte((byte)'a');
            file.Flush();
            // What happens later is told later.
            File.CreateSymbolicLink(PathOf("link"), "eds.yaml");
            Directory.CreateDirectory(PathOf("folder"));
            Until("folder");
            Assert.Equal(["link", "folder"], _seen);
        }

        Until("eds.yaml");
    }

    [Fact]
    public void Nothing_is_told_after_the_end()
    {
        var other = new List<string>();
        _watcher.TryWatch(_folder, other.Add)!.Dispose();
        using var watch = _watcher.TryWatch(_folder, _seen.Add);
        File.WriteAllText(PathOf("eds.yaml"), "a");
        Until("eds.yaml");
        Assert.Empty(other);
    }

    [Fact]
    public void What_is_not_there_is_not_watched() => Assert.Null(_watcher.TryWatch(PathOf("nothing"), _seen.Add));

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void Until(string name) => _loop.Until(() => _seen.Contains(name));
}
