namespace Weft.Base.Logging;

/// <summary>Where log lines go: stderr, or a file that can be reopened after rotation. One line, one write. Any thread.</summary>
public sealed class LogOutput : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Func<Stream> _open;
    private Stream? _stream;

    /// <param name="open">Opens the stream, now and at each <see cref="Reopen"/>.</param>
    /// <param name="isTerminal">Lines may carry colours.</param>
    public LogOutput(Func<Stream> open, bool isTerminal = false)
    {
        _open = open;
        _stream = open();
        IsTerminal = isTerminal;
    }

    /// <summary>A person is reading: colours are welcome.</summary>
    public bool IsTerminal { get; }

    /// <summary>Standard error; coloured on a terminal unless NO_COLOR is set.</summary>
    public static LogOutput Stderr() =>
        new(Console.OpenStandardError, !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>A file, appended to.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static LogOutput File(string path) =>
        new(() => new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));

    /// <summary>Writes one line, its newline included. A line that cannot be written (disk full, closed pipe) is lost.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            try
            {
                _stream?.Write(line);
            }
            catch (IOException)
            {
                // A log that cannot be written must not stop the proxy, and there is nowhere to say so.
            }
        }
    }

    /// <summary>Opens the path anew. When that fails, the old file stays in use.</summary>
    public void Reopen()
    {
        lock (_lock)
        {
            try
            {
                var fresh = _open();
                _stream?.Dispose();
                _stream = fresh;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Keep writing to the file that is open.
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stream?.Dispose();
            _stream = null;
        }
    }
}
