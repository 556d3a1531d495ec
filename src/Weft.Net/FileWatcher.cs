using System.Buffers.Binary;
using System.Text;
using Weft.Net.Native;

namespace Weft.Net;

/// <summary>
/// Tells when entries of directories are renamed into place or written to their end, when links and folders are made, and when single files are
/// written (inotify). A file that is made is told when its writer closes it: until then it holds nothing, or a part. One per loop is enough. Loop
/// thread only.
/// </summary>
public sealed unsafe class FileWatcher : IEventHandler, IDisposable
{
    private const int HeaderBytes = 16;
    private const int MaskAt = 4;
    private const int LengthAt = 12;

    private readonly EventLoop _loop;
    private readonly uint _events;
    private readonly Dictionary<int, List<Watch>> _watches = [];
    private int _fd = -1;
    private EventRegistration _registration;
    private bool _isClosed;

    /// <param name="tellsRemovals">Tells when entries of directories are deleted or moved away, and nothing else.</param>
    public FileWatcher(EventLoop loop, bool tellsRemovals = false) =>
        (_loop, _events) = (loop, tellsRemovals ? Inotify.Deleted | Inotify.MovedFrom : Inotify.CloseWrite | Inotify.MovedTo | Inotify.Created);

    /// <summary>
    /// Watches a directory (the name of the entry is told) or a file (the name is empty) until the result is disposed; null when it is not
    /// there or the system has no watches left. A file that is replaced is another one: watch its directory as well.
    /// </summary>
    /// <param name="path">What to watch; symbolic links are followed.</param>
    /// <param name="onChange">Gets the name of the changed entry; "" for the watched file itself, or when changes were missed.</param>
    public IDisposable? TryWatch(string path, Action<string> onChange)
    {
        if (!TryOpen())
            return null;
        int number;
        fixed (byte* start = Encoding.UTF8.GetBytes(path + '\0'))
            number = Libc.inotify_add_watch(_fd, start, _events);
        if (number < 0)
            return null;
        if (!_watches.TryGetValue(number, out var list))
            _watches[number] = list = [];
        var watch = new Watch(this, number, path, onChange);
        list.Add(watch);
        return watch;
    }

    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        if (_fd < 0)
            return;
        _registration.Unregister();
        _ = Libc.close(_fd);
    }

    void IEventHandler.OnEvents(uint epollEvents)
    {
        while (!_isClosed)
        {
            var count = (int)Libc.read(_fd, _loop.Scratch, EventLoop.ScratchBytes);
            if (count <= 0)
                return;
            foreach (var change in Parse(new ReadOnlySpan<byte>(_loop.Scratch, count)))
                Tell(change);
        }
    }

    private bool TryOpen()
    {
        if (_fd >= 0 || _isClosed)
            return !_isClosed;
        var fd = Libc.inotify_init1(Sock.NonBlock | Sock.CloseOnExec);
        if (fd < 0)
            return false;
        _fd = fd;
        _registration = _loop.Register(fd, this);
        return true;
    }

    /// <summary>The events of one read, each once: struct inotify_event is four ints and a padded name.</summary>
    private static List<Change> Parse(ReadOnlySpan<byte> events)
    {
        var result = new List<Change>();
        while (events.Length >= HeaderBytes)
        {
            var number = BinaryPrimitives.ReadInt32LittleEndian(events);
            var mask = BinaryPrimitives.ReadUInt32LittleEndian(events[MaskAt..]);
            var length = BinaryPrimitives.ReadInt32LittleEndian(events[LengthAt..]);
            var name = events.Slice(HeaderBytes, length);
            var end = name.IndexOf((byte)0);
            var one = new Change(number, Encoding.UTF8.GetString(end < 0 ? name : name[..end]), IsMade: (mask & Inotify.Created) != 0);
            if (!result.Contains(one))
                result.Add(one);
            events = events[(HeaderBytes + length)..];
        }

        return result;
    }

    private void Tell(Change change)
    {
        // -1: the kernel's queue was full, anything may have changed.
        var told = change.Number < 0 ? _watches.Values.SelectMany(static list => list).ToArray() : _watches.GetValueOrDefault(change.Number)?.ToArray() ?? [];
        foreach (var watch in told)
        {
            if (!change.IsMade || IsWholeAtOnce(Path.Combine(watch.Path, change.Name)))
                watch.Tell(change.Name);
        }
    }

    /// <summary>Whether nothing more follows the making of an entry; of a file there does: that it was closed.</summary>
    private static bool IsWholeAtOnce(string path) => new FileInfo(path).LinkTarget is not null || Directory.Exists(path);

    private void Forget(Watch watch)
    {
        if (!_watches.TryGetValue(watch.Number, out var list) || !list.Remove(watch) || list.Count > 0)
            return;
        _watches.Remove(watch.Number);
        if (!_isClosed)
            _ = Libc.inotify_rm_watch(_fd, watch.Number);
    }

    /// <summary>One event: of which watch, of which entry, and whether it says no more than that the entry was made.</summary>
    private readonly record struct Change(int Number, string Name, bool IsMade);

    private sealed class Watch(FileWatcher owner, int number, string path, Action<string> onChange) : IDisposable
    {
        private bool _isOver;

        public int Number => number;

        public string Path => path;

        public void Tell(string name)
        {
            if (!_isOver)
                onChange(name);
        }

        public void Dispose()
        {
            if (_isOver)
                return;
            _isOver = true;
            owner.Forget(this);
        }
    }
}
