using Weft.Base.Logging;
using Weft.Config;
using Weft.Net;
using Weft.Xds.Server;

namespace Weft.XdsServer;

/// <summary>Keeps the cache as the files are: read again after every change; with a fault what was read before stays. Loop thread.</summary>
internal sealed class ServedFiles : IDisposable
{
    /// <summary>A folder is read when nothing has happened in it for so long: several files change together, and editors move one away before they write it anew.</summary>
    private const long QuietMs = 200;

    /// <summary>However much happens in a folder, it is read after so long.</summary>
    private const long MaxWaitMs = 2000;

    private static readonly Logger Log = Logger.Get("xds");

    private readonly EventLoop _loop;
    private readonly string _path;
    private readonly bool _usesAds;
    private readonly ServedSteps _steps;
    private readonly FileWatcher _watcher;
    private readonly FileWatcher _removals;
    private readonly LoopTimer _quiet;
    private PathWatch? _watch;
    private long _changedMs;

    /// <param name="path">A file or a folder.</param>
    /// <param name="key">The node that is served; null: all.</param>
    /// <param name="usesAds">For the short form.</param>
    public ServedFiles(EventLoop loop, string path, string? key, bool usesAds, SnapshotCache cache)
    {
        (_loop, _path, _usesAds) = (loop, path, usesAds);
        _steps = new ServedSteps(loop, cache, key);
        _watcher = new FileWatcher(loop);
        _removals = new FileWatcher(loop, tellsRemovals: true);
        _quiet = new LoopTimer(loop, ReadAgain);
    }

    /// <summary>Reads for the first time and watches from now on; false when there are faults, which have been logged.</summary>
    public bool Start()
    {
        var full = Path.GetFullPath(_path);
        _watch = new PathWatch(_watcher, full, Directory.Exists(full) ? full : null, OnChange);
        _watch.Renew();
        if (Directory.Exists(full))
            _removals.TryWatch(full, _ => OnChange());
        return Read();
    }

    public void Dispose()
    {
        _steps.Dispose();
        _quiet.Cancel();
        _removals.Dispose();
        _watch?.Dispose();
        _watcher.Dispose();
    }

    private void OnChange()
    {
        if (!_quiet.IsArmed)
            _changedMs = _loop.NowMs;
        // A change of one file is told by several watches, all of them in this turn.
        _quiet.Arm(Directory.Exists(_path) ? Math.Clamp(_changedMs + MaxWaitMs - _loop.NowMs, 0, QuietMs) : 0);
    }

    private void ReadAgain()
    {
        _watch!.Renew();
        Read();
    }

    private bool Read()
    {
        var findings = new Findings();
        var resources = ResourceFiles.Read(_path, _usesAds, findings);
        if (findings.HasErrors)
        {
            Log.Error($"{_path} cannot be used{(_steps.IsEmpty ? "" : ", what was read before stays in use")}: {string.Join("; ", findings.Errors)}");
            return false;
        }

        _steps.Want(resources);
        return true;
    }
}
