namespace Weft.Http.Http2.Streams;

/// <summary>The open streams of a connection by their identifiers: open addressing, so that an entry costs no object. Identifiers of one side follow each other, so that they hardly collide.</summary>
internal sealed class StreamTable
{
    private const int FirstSlots = 8;

    private Http2Stream?[] _slots = [];

    public int Count { get; private set; }

    public Http2Stream? Find(int id)
    {
        if (Count == 0) return null;
        for (var i = SlotOf(id); _slots[i] is { } stream; i = (i + 1) & (_slots.Length - 1))
            if (stream.Id == id) return stream;
        return null;
    }

    public void Add(Http2Stream stream)
    {
        if ((Count + 1) * 2 > _slots.Length) Grow();
        Place(stream);
        Count++;
    }

    public void Remove(int id)
    {
        var mask = _slots.Length - 1;
        var hole = SlotOf(id);
        while (_slots[hole]!.Id != id) hole = (hole + 1) & mask;
        Count--;
        // Those behind the hole move up unless they are at or before their own place already.
        for (var i = (hole + 1) & mask; _slots[i] is { } stream; i = (i + 1) & mask)
        {
            if (((i - SlotOf(stream.Id)) & mask) < ((i - hole) & mask)) continue;
            _slots[hole] = stream;
            hole = i;
        }

        _slots[hole] = null;
    }

    /// <summary>Some stream, or null when there is none: for ending them all.</summary>
    public Http2Stream? Any()
    {
        if (Count == 0) return null;
        foreach (var stream in _slots)
            if (stream is not null) return stream;
        return null;
    }

    /// <summary>The slots, some of them empty; valid until the next change.</summary>
    public ReadOnlySpan<Http2Stream?> Slots => _slots;

    private int SlotOf(int id) => (id >> 1) & (_slots.Length - 1);

    private void Place(Http2Stream stream)
    {
        var i = SlotOf(stream.Id);
        while (_slots[i] is not null) i = (i + 1) & (_slots.Length - 1);
        _slots[i] = stream;
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new Http2Stream?[Math.Max(FirstSlots, old.Length * 2)];
        foreach (var stream in old)
            if (stream is not null) Place(stream);
    }
}
