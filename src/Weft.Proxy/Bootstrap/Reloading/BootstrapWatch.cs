using Weft.Net;

namespace Weft.Proxy.Bootstrap.Reloading;

/// <summary>--watch-config: tells once for each change of the bootstrap file. Loop thread.</summary>
internal sealed class BootstrapWatch : IDisposable
{
    private readonly EventLoop _loop;
    private readonly FileWatcher _watcher;
    private readonly PathWatch _watch;
    private readonly Action _onChange;
    private bool _isPosted;

    public BootstrapWatch(string path, EventLoop loop, Action onChange)
    {
        (_loop, _onChange) = (loop, onChange);
        _watcher = new FileWatcher(loop);
        _watch = new PathWatch(_watcher, Path.GetFullPath(path), null, OnSign);
        _watch.Renew();
    }

    public void Dispose()
    {
        _watch.Dispose();
        _watcher.Dispose();
    }

    /// <summary>A change is seen by several watches.</summary>
    private void OnSign()
    {
        if (_isPosted)
            return;
        _isPosted = true;
        _loop.Post(() =>
        {
            _isPosted = false;
            _watch.Renew();
            _onChange();
        });
    }
}
