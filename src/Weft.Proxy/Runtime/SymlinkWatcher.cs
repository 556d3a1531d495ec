namespace Weft.Proxy.Runtime;

/// <summary>
/// Tells when a file system entry of one name is moved into place or made in its directory: how a symbolic link is exchanged
/// (<c>ln -s new tmp; mv -T tmp current</c>). Tells on a thread of its own.
/// </summary>
internal sealed class SymlinkWatcher : IDisposable
{
    private readonly FileSystemWatcher _watcher;

    public SymlinkWatcher(string path, Action onMoved)
    {
        var full = Path.GetFullPath(path).TrimEnd('/');
        // A name of its own would hide the entry that is moved over it from the filter, so the filter is ours.
        var name = Path.GetFileName(full);
        _watcher = new FileSystemWatcher(Path.GetDirectoryName(full) ?? "/") { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName };
        _watcher.Renamed += (_, e) => TellOf(e.Name);
        _watcher.Created += (_, e) => TellOf(e.Name);
        _watcher.EnableRaisingEvents = true;

        void TellOf(string? moved)
        {
            if (moved == name) onMoved();
        }
    }

    public void Dispose() => _watcher.Dispose();
}
