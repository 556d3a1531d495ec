using Weft.Base.Logging;
using Weft.Config;
using Weft.Net;
using Weft.Xds;
using Weft.Xds.Server;

namespace Weft.XdsServer;

/// <summary>Keeps the cache as the files are: read again after every change; with a fault what was read before stays. Loop thread.</summary>
/// <param name="key">The node that is served; null: all.</param>
internal sealed class ServedFiles(EventLoop loop, string path, string? key, bool usesAds, SnapshotCache cache) : IDisposable
{
    private static readonly Logger Log = Logger.Get("xds");

    private readonly FileWatcher _watcher = new(loop);
    private PathWatch? _watch;
    private Snapshot _last = Snapshot.Empty;
    private bool _isReadPosted;

    /// <summary>Reads for the first time and watches from now on; false when there are faults, which have been logged.</summary>
    public bool Start()
    {
        var full = Path.GetFullPath(path);
        _watch = new PathWatch(_watcher, full, Directory.Exists(full) ? full : null, OnChange);
        _watch.Renew();
        return Read();
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _watcher.Dispose();
    }

    private void OnChange()
    {
        if (_isReadPosted)
            return;
        _isReadPosted = true;
        loop.Post(() =>
        {
            _isReadPosted = false;
            _watch!.Renew();
            Read();
        });
    }

    private bool Read()
    {
        var findings = new Findings();
        var resources = ResourceFiles.Read(path, usesAds, findings);
        if (findings.HasErrors)
        {
            Log.Error($"{path} cannot be used{(_last == Snapshot.Empty ? "" : ", what was read before stays in use")}: {string.Join("; ", findings.Errors)}");
            return false;
        }

        var next = _last.With(resources);
        if (_last != Snapshot.Empty && ResourceType.All.All(type => next.VersionOf(type) == _last.VersionOf(type)))
            return true;
        _last = next;
        var types = ResourceType.All.Where(type => next.VersionOf(type) != "0").Select(type => $"{type} version {next.VersionOf(type)} ({next.Of(type).Count})").ToList();
        Log.Info($"serving {(types.Count == 0 ? "nothing" : string.Join(", ", types))}");
        cache.Set(key, next);
        return true;
    }
}
