using Weft.Base.Stats;

namespace Weft.Proxy.AccessLogs;

/// <summary>
/// The files that access logs write to (regular files, /dev/stdout, /dev/stderr), one flush thread each; the same path is
/// the same file. Counts <c>filesystem.*</c> statistics. Made once per process; <see cref="Open"/> on the main thread.
/// </summary>
public sealed class AccessLogFiles : IDisposable
{
    private const int StopMs = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AccessLogFile> _files = new(StringComparer.Ordinal);
    private readonly AccessLogStats _stats;
    private readonly int _flushIntervalMs;

    /// <param name="stats">The root scope.</param>
    /// <param name="flushIntervalMs">How long lines may wait for others before they are written (--file-flush-interval-msec); default 100.</param>
    public AccessLogFiles(StatsScope stats, int flushIntervalMs = 100)
    {
        _stats = new AccessLogStats(stats);
        _flushIntervalMs = flushIntervalMs;
    }

    /// <summary>Opens (creates, appends to) a file.</summary>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    public AccessLogFile Open(string path)
    {
        lock (_lock)
        {
            if (!_files.TryGetValue(path, out var file))
                _files[path] = file = new AccessLogFile(() => FileDevice.Open(path), _stats, _flushIntervalMs);
            return file;
        }
    }

    /// <summary>Closes and opens every file again (SIGUSR1, /reopen_logs): after log rotation. Any thread.</summary>
    public void Reopen()
    {
        lock (_lock)
        {
            foreach (var file in _files.Values)
                file.Reopen();
        }
    }

    /// <summary>Writes out what is buffered, waiting at most a second (shutdown).</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var file in _files.Values)
                file.Stop();
            var deadline = Environment.TickCount64 + StopMs;
            foreach (var file in _files.Values)
                file.Join((int)Math.Max(0, deadline - Environment.TickCount64));
            _files.Clear();
        }
    }
}
