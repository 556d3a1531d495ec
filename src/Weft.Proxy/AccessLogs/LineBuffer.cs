namespace Weft.Proxy.AccessLogs;

/// <summary>
/// The lines of one thread for one file, on their way to the flush thread: a list of chunks with one writer and one reader, no
/// lock. A chunk that was emptied comes back to the writer, so that steady traffic allocates nothing.
/// </summary>
/// <remarks>
/// Memory is bounded: at most <paramref name="maxBytes"/> wait. A line is never split over chunks, so whatever the reader sees are
/// whole lines.
/// </remarks>
internal sealed class LineBuffer(int maxBytes)
{
    /// <summary>Lines fill chunks of this size; a longer line has one of its own.</summary>
    public const int ChunkBytes = 64 * 1024;

    /// <summary>What the flush thread is woken for: less is not worth two switches of threads and the caches they cost.</summary>
    private const int WorthAWrite = 8 * ChunkBytes;

    private LogChunk _writing = new(ChunkBytes);
    private LogChunk _reading = null!;
    private int _readUpTo;
    private LogChunk? _spares;
    private LogChunk? _returned;
    private long _written;
    private long _taken;

    /// <summary>Something waits to be written. Flush thread.</summary>
    public bool HasLines => Volatile.Read(ref _written) != _taken;

    /// <summary>Copies a line behind the others. Filling thread.</summary>
    /// <param name="line">A whole line.</param>
    /// <param name="isEnough">A chunk was completed, and there is enough for a write.</param>
    /// <returns>False: there is no room, and the line is dropped.</returns>
    public bool TryWrite(ReadOnlySpan<byte> line, out bool isEnough)
    {
        isEnough = false;
        var waiting = _written - Volatile.Read(ref _taken);
        if (waiting + line.Length > maxBytes)
            return false;
        var chunk = _writing;
        if (chunk.Bytes.Length - chunk.Filled < line.Length)
        {
            chunk = NextChunk(line.Length);
            isEnough = waiting >= WorthAWrite;
        }

        line.CopyTo(chunk.Bytes.AsSpan(chunk.Filled));
        Volatile.Write(ref chunk.Filled, chunk.Filled + line.Length);
        Volatile.Write(ref _written, _written + line.Length);
        return true;
    }

    /// <summary>The oldest lines that wait, in one piece; empty when there are none. Follow with <see cref="Take"/>. Flush thread.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        while (true)
        {
            // The next chunk is looked at first: once it is there, this one's fill is final.
            var next = Volatile.Read(ref _reading.Next);
            var filled = Volatile.Read(ref _reading.Filled);
            if (_readUpTo < filled)
                return _reading.Bytes.AsSpan(_readUpTo, filled - _readUpTo);
            if (next is null)
                return default;
            GiveBack(_reading);
            _reading = next;
            _readUpTo = 0;
        }
    }

    /// <summary>Says that <paramref name="count"/> bytes of what <see cref="Peek"/> gave are done with. Flush thread.</summary>
    public void Take(int count)
    {
        _readUpTo += count;
        Volatile.Write(ref _taken, _taken + count);
    }

    /// <summary>To be called once before use.</summary>
    public LineBuffer Start()
    {
        _reading = _writing;
        return this;
    }

    private LogChunk NextChunk(int lineLength)
    {
        var next = lineLength <= ChunkBytes ? TakeSpare() : null;
        next ??= new LogChunk(Math.Max(ChunkBytes, lineLength));
        var full = _writing;
        _writing = next;
        Volatile.Write(ref full.Next, next);
        return next;
    }

    /// <summary>The writer takes all chunks that came back at once and uses them up one by one.</summary>
    private LogChunk? TakeSpare()
    {
        var spare = _spares ?? Interlocked.Exchange(ref _returned, null);
        if (spare is null)
            return null;
        _spares = spare.Next;
        spare.Next = null;
        return spare;
    }

    private void GiveBack(LogChunk chunk)
    {
        if (chunk.Bytes.Length != ChunkBytes)
            return;
        chunk.Filled = 0;
        do
        {
            chunk.Next = Volatile.Read(ref _returned);
        }
        while (Interlocked.CompareExchange(ref _returned, chunk, chunk.Next) != chunk.Next);
    }
}
