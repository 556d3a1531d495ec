using Weft.Base.Logging;

namespace Weft.Proxy.Secrets;

/// <summary>
/// watched_directory: tells when an entry is made in or moved into a directory, which is how files are exchanged as one (a symbolic link
/// moved over another). Tells on the main loop.
/// </summary>
internal sealed class DirectoryWatch : IDisposable
{
    private readonly FileSystemWatcher _watcher;
    private int _isPosted;

    /// <exception cref="ArgumentException">There is no such directory.</exception>
    public DirectoryWatch(string path, Action<Action> post, Action onChange)
    {
        _watcher = new FileSystemWatcher(path) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName };
        _watcher.Renamed += (_, _) => Tell();
        _watcher.Created += (_, _) => Tell();
        _watcher.Error += (_, e) =>
        {
            Logger.Get("file").Warning($"watching {path}: {e.GetException().Message}; it is read once more");
            Tell();
        };
        _watcher.EnableRaisingEvents = true;

        void Tell()
        {
            // One reading serves all that happened before it.
            if (Interlocked.Exchange(ref _isPosted, 1) != 0)
                return;
            post(() =>
            {
                Volatile.Write(ref _isPosted, 0);
                onChange();
            });
        }
    }

    public void Dispose() => _watcher.Dispose();
}
