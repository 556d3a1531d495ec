using Weft.Base.Logging;
using Weft.Config;
using Weft.Net;

namespace Weft.Proxy.XdsClient.Files;

/// <summary>Reads a file of resources.</summary>
/// <param name="path">As configured.</param>
/// <param name="options">What to let pass, and who hears what is no fault.</param>
internal delegate FileReading FileFormat(string path, ReadOptions options);

/// <summary>
/// Resources from a file (path, path_config_source): read when a subscription begins and after every change, once for all subscriptions
/// of it. Main thread.
/// </summary>
internal sealed class FileSource : IResourceSource, IDisposable
{
    private static readonly Logger Log = Logger.Get("config");

    private readonly string _path;
    private readonly FileFormat _format;
    private readonly EventLoop _loop;
    private readonly ReadOptions _options;
    private readonly PathWatch _watches;
    private readonly List<Subscription> _subscriptions = [];
    private FileReading? _reading;
    private bool _isReadPosted;

    /// <param name="path">As configured.</param>
    /// <param name="watchedDirectory">Null: none.</param>
    /// <param name="format">Reads it.</param>
    public FileSource(string path, string? watchedDirectory, FileFormat format, EventLoop loop, FileWatcher watcher, ReadOptions options)
    {
        (_path, _format, _loop, _options) = (path, format, loop, options);
        _watches = new PathWatch(watcher, Path.GetFullPath(path), watchedDirectory is null ? null : Path.GetFullPath(watchedDirectory), OnChange);
    }

    public void Add(Subscription subscription)
    {
        _subscriptions.Add(subscription);
        if (_subscriptions.Count == 1)
            _watches.Renew();
        Tell(subscription, Reading());
    }

    public void Remove(Subscription subscription)
    {
        _subscriptions.Remove(subscription);
        if (_subscriptions.Count == 0)
            _watches.Dispose();
    }

    /// <summary>Reads no more.</summary>
    public void Dispose() => _watches.Dispose();

    /// <summary>What is read serves all subscriptions that begin in one turn; then it is forgotten.</summary>
    private FileReading Reading()
    {
        if (_reading is not null)
            return _reading;
        var reading = _reading = _format(_path, _options);
        _loop.Post(() =>
        {
            // All have been told by now.
            reading.Update?.TellWarnings(_options.WarningFound);
            if (_reading == reading)
                _reading = null;
        });
        return reading;
    }

    private void OnChange()
    {
        // A change is seen by several watches: it is read once, when all of them have told.
        if (_isReadPosted)
            return;
        _isReadPosted = true;
        _loop.Post(() =>
        {
            _isReadPosted = false;
            _reading = null;
            if (_subscriptions.Count == 0)
                return;
            _watches.Renew();
            var reading = Reading();
            if (reading.IsMissing)
            {
                // Moved away, to be moved back: that will be told.
                Log.Info($"{_path} is gone; what was read of it stays in use");
                return;
            }

            foreach (var subscription in _subscriptions.ToArray())
                Tell(subscription, reading);
        });
    }

    private void Tell(Subscription subscription, FileReading reading)
    {
        if (reading.Update is { } update)
            subscription.Deliver(update, _path);
        else
            subscription.Fail(_path, reading.Fault!);
    }
}
