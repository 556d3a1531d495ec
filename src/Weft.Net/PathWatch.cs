namespace Weft.Net;

/// <summary>
/// Tells when a file may have another content: it was replaced by renaming or written in place, or a symbolic link on the way to it was
/// exchanged. Loop thread.
/// </summary>
/// <param name="watcher">That of the loop.</param>
/// <param name="path">The file, absolute.</param>
/// <param name="watchedDirectory">watched_directory: anything moved into place there is a change; null: none.</param>
/// <param name="onChange">Called for each sign of a change; several may come of one.</param>
public sealed class PathWatch(FileWatcher watcher, string path, string? watchedDirectory, Action onChange) : IDisposable
{
    private readonly List<IDisposable> _watches = [];

    /// <summary>Begins, or begins again after a change: a new file, or other links, are watched from now on.</summary>
    public void Renew()
    {
        Dispose();
        // The file itself: a write through another of its names is told of it only.
        Watch(path, static _ => true);
        for (var child = path; Path.GetDirectoryName(child) is { } directory; child = directory)
        {
            var name = Path.GetFileName(child);
            // Further up only what is a link can be exchanged while the file stays reachable.
            if (child == path)
                Watch(directory, changed => changed == name || IsLink(directory, changed));
            else if (IsLink(directory, name))
                Watch(directory, changed => changed == name);
        }

        if (watchedDirectory is not null)
            Watch(watchedDirectory, static _ => true);
    }

    /// <summary>Watches no more, until the next <see cref="Renew"/>.</summary>
    public void Dispose()
    {
        foreach (var watch in _watches)
            watch.Dispose();
        _watches.Clear();
    }

    private void Watch(string what, Func<string, bool> concerns)
    {
        var watch = watcher.TryWatch(what, name =>
        {
            // "": the file itself, or the kernel has lost count.
            if (name.Length == 0 || concerns(name))
                onChange();
        });
        if (watch is not null)
            _watches.Add(watch);
    }

    private static bool IsLink(string directory, string name) => name.Length > 0 && new FileInfo(Path.Combine(directory, name)).LinkTarget is not null;
}
