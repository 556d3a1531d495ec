using System.Globalization;
using Weft.Base.Logging;

namespace Weft.Observe.Storage;

/// <summary>
/// Lines on disk, appended to numbered files of which the oldest goes when together they are too long. A line that was torn by a crash is passed over when
/// they are read back. What cannot be written is counted: collecting goes on. One thread.
/// </summary>
internal sealed class SegmentedLog : IDisposable
{
    private const int SegmentsKept = 8;
    private const string Extension = ".jsonl";

    private static readonly Logger Log = Logger.Get("observe");

    private readonly string _directory;
    private readonly string _name;
    private readonly long _segmentBytes;
    private FileStream? _current;
    private int _number;

    /// <param name="directory">Made if it is not there.</param>
    /// <param name="name">What file names begin with.</param>
    /// <param name="maxBytes">Of all files together.</param>
    /// <exception cref="IOException">The directory cannot be made.</exception>
    public SegmentedLog(string directory, string name, long maxBytes)
    {
        (_directory, _name, _segmentBytes) = (directory, name, Math.Max(1, maxBytes / SegmentsKept));
        Directory.CreateDirectory(directory);
        _number = Files().Select(NumberOf).DefaultIfEmpty(0).Max();
    }

    /// <summary>Lines that could not be written.</summary>
    public long Failed { get; private set; }

    /// <summary>The lines of the newest files, oldest first.</summary>
    /// <param name="maxBytes">A file that would make it more is left out, and those before it; the newest never is.</param>
    public IEnumerable<byte[]> ReadBack(long maxBytes)
    {
        var files = new Stack<string>();
        foreach (var file in Files().OrderByDescending(NumberOf))
        {
            maxBytes -= new FileInfo(file).Length;
            if (maxBytes < 0 && files.Count > 0)
                break;
            files.Push(file);
        }

        return files.SelectMany(ReadLines);
    }

    /// <summary>Appends a line, which has no line end.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        try
        {
            if (_current is null || _current.Position + line.Length > _segmentBytes)
                Begin();
            _current!.Write(line);
            _current.WriteByte((byte)'\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
        }
    }

    /// <summary>Has what was appended reach the files.</summary>
    public void Flush()
    {
        try
        {
            _current?.Flush();
        }
        catch (IOException e)
        {
            Fail(e);
        }
    }

    public void Dispose()
    {
        Flush();
        Close();
    }

    private void Begin()
    {
        Close();
        foreach (var old in Files().OrderByDescending(NumberOf).Skip(SegmentsKept - 1).ToList())
            File.Delete(old);
        _number++;
        var file = Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{_name}-{_number:00000000}{Extension}"));
        _current = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 64 * 1024);
    }

    /// <summary>Without throwing: what is buffered may not fit on the disk.</summary>
    private void Close()
    {
        try
        {
            _current?.Dispose();
        }
        catch (IOException e)
        {
            Fail(e);
        }

        _current = null;
    }

    private void Fail(Exception e)
    {
        if (Failed++ == 0)
            Log.Warning($"what is kept in {_directory} cannot be written: {e.Message}");
    }

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_directory, _name + "-*" + Extension).Where(file => NumberOf(file) > 0);

    private int NumberOf(string file) =>
        int.TryParse(Path.GetFileNameWithoutExtension(file).AsSpan(_name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static IEnumerable<byte[]> ReadLines(string file)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (IOException e)
        {
            Log.Warning($"cannot read {file}: {e.Message}");
            yield break;
        }

        var start = 0;
        while (Array.IndexOf(bytes, (byte)'\n', start) is var end and >= 0)
        {
            yield return bytes[start..end];
            start = end + 1;
        }
    }
}
