using Weft.Base.Stats;

namespace Weft.Proxy.AccessLogs;

/// <summary>
/// The files that access logs write to (regular files, /dev/stdout, /dev/stderr), one flush thread each; the same path is
/// the same file. Counts <c>filesystem.*</c> statistics. Made once per process; <see cref="Open"/> on the main thread.
/// </summary>
public sealed class AccessLogFiles : IDisposable
{
    public AccessLogFiles(StatsScope stats) => throw new NotImplementedException();

    /// <summary>Opens (creates, appends to) a file.</summary>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    public AccessLogFile Open(string path) => throw new NotImplementedException();

    /// <summary>Closes and opens every file again (SIGUSR1, /reopen_logs): after log rotation. Any thread.</summary>
    public void Reopen() => throw new NotImplementedException();

    /// <summary>Writes out what is buffered, waiting at most a second (shutdown).</summary>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>One open access-log file.</summary>
public sealed class AccessLogFile
{
    /// <summary>Hands over one complete line, copied into the calling thread's buffer; never blocks. Any thread.</summary>
    public void Write(ReadOnlySpan<byte> line) => throw new NotImplementedException();
}
