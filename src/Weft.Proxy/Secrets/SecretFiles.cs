using Google.Protobuf;
using Weft.Net;

namespace Weft.Proxy.Secrets;

/// <summary>
/// The files that a discovered secret refers to. Tells when something was moved into their directories (or into watched_directory, if the secret has one) and they
/// read differently since. Main thread.
/// </summary>
/// <param name="watcher">That of the main loop.</param>
/// <param name="changed">Told of it.</param>
internal sealed class SecretFiles(FileWatcher watcher, Action changed) : IDisposable
{
    private readonly List<IDisposable> _watches = [];
    private string[] _names = [];
    private byte[] _digest = [];

    /// <summary>Watches the files of this secret, and those of the one before no longer; the fault when that cannot be.</summary>
    public string? Follow(IMessage secret)
    {
        Dispose();
        _names = [.. SecretReferences.FilesOf(secret)];
        _digest = SecretReferences.Digest(_names);
        var watched = SecretReferences.WatchedDirectoryOf(secret);
        var directories = watched is null ? _names.Select(static name => Path.GetDirectoryName(Path.GetFullPath(name))!).Distinct() : [watched.Path];
        foreach (var directory in directories)
        {
            if (watcher.TryWatch(directory, _ => OnMove()) is not { } watch)
                return $"unable to watch directory {directory}";
            _watches.Add(watch);
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var watch in _watches)
            watch.Dispose();
        _watches.Clear();
    }

    private void OnMove()
    {
        var digest = SecretReferences.Digest(_names);
        if (_watches.Count == 0 || digest.AsSpan().SequenceEqual(_digest))
            return;
        _digest = digest;
        changed();
    }
}
