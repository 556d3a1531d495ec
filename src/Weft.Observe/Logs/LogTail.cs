using System.Globalization;
using System.Text;

namespace Weft.Observe.Logs;

/// <summary>
/// Follows one file as it grows. One that is not there yet, is cut, or is replaced (as when logs are rotated) is followed from its beginning. It is looked at in
/// intervals: whoever writes a log writes often. Loop thread.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="onLine">Gets each line without its end.</param>
internal sealed class LogTail(string path, Action<string> onLine) : IDisposable
{
    /// <summary>How much of what a file holds already is read.</summary>
    private const int FirstBytes = 256 * 1024;

    /// <summary>How much is read at once, so that the loop has other turns.</summary>
    private const int MaxReadBytes = 1024 * 1024;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly MemoryStream _line = new();
    private FileStream? _file;
    private string? _openedAs;
    private bool _wasLookedFor;
    private bool _skipsLine;

    /// <summary>Reads what is new.</summary>
    public void Poll()
    {
        try
        {
            if (_file is null && !TryOpen())
                return;
            if (_file!.Length < _file.Position)
                (_file.Position, _line.Position) = (0, 0);
            Read();
            // Renamed or deleted: what its path leads to now is another file.
            if (_file.Position >= _file.Length && NameOfOpen() != _openedAs)
                Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        (_file, _line.Position, _skipsLine) = (null, 0, false);
    }

    private bool TryOpen()
    {
        var isFirst = !_wasLookedFor;
        _wasLookedFor = true;
        if (!File.Exists(path))
            return false;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _openedAs = NameOfOpen();
        if (isFirst && _file.Length > FirstBytes)
            (_file.Position, _skipsLine) = (_file.Length - FirstBytes, true);
        return true;
    }

    /// <summary>What the kernel calls the open file now.</summary>
    private string? NameOfOpen() =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{_file!.SafeFileHandle.DangerousGetHandle()}")).LinkTarget;

    private void Read()
    {
        var left = MaxReadBytes;
        int count;
        while (left > 0 && (count = _file!.Read(_buffer)) > 0)
        {
            left -= count;
            Split(_buffer.AsSpan(0, count));
        }
    }

    private void Split(ReadOnlySpan<byte> data)
    {
        while (data.IndexOf((byte)'\n') is var end and >= 0)
        {
            Keep(data[..end]);
            if (_line.Position > 0 && !_skipsLine)
                onLine(Encoding.UTF8.GetString(_line.GetBuffer(), 0, (int)_line.Position));
            (_line.Position, _skipsLine) = (0, false);
            data = data[(end + 1)..];
        }

        Keep(data);
    }

    /// <summary>No more of a line than is kept of it.</summary>
    private void Keep(ReadOnlySpan<byte> piece)
    {
        var room = Math.Max(0, LogStore.MaxLineLength - (int)_line.Position);
        _line.Write(piece[..Math.Min(piece.Length, room)]);
    }
}
