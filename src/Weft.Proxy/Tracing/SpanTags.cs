using Weft.Base.Buffers;

namespace Weft.Proxy.Tracing;

/// <summary>The tags and events of one span that has ended, in one buffer; used again for the next. One worker.</summary>
internal sealed class SpanTags
{
    private readonly ByteWriter _bytes = new(512);
    private readonly List<Entry> _tags = [];
    private readonly List<(long TimeUs, int Start, int Length)> _events = [];

    private readonly record struct Entry(int Start, int NameLength, int ValueLength);

    public int Count => _tags.Count;

    public int EventCount => _events.Count;

    public ReadOnlySpan<byte> NameOf(int tag) => _bytes.Written.Slice(_tags[tag].Start, _tags[tag].NameLength);

    public ReadOnlySpan<byte> ValueOf(int tag) => _bytes.Written.Slice(_tags[tag].Start + _tags[tag].NameLength, _tags[tag].ValueLength);

    public ReadOnlySpan<byte> EventOf(int index) => _bytes.Written.Slice(_events[index].Start, _events[index].Length);

    /// <summary>When it happened, by the loop's clock.</summary>
    public long EventTimeUs(int index) => _events[index].TimeUs;

    public void Clear()
    {
        _bytes.Clear();
        _tags.Clear();
        _events.Clear();
    }

    /// <summary>Sets a tag, in place of one of that name; an empty value sets none.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        var value0 = Begin(name);
        value0.Write(value);
        End(name.Length);
    }

    public void Set(ReadOnlySpan<byte> name, long value)
    {
        Begin(name).Write(value);
        End(name.Length);
    }

    public void Set(ReadOnlySpan<byte> name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;
        Begin(name).Write(value);
        End(name.Length);
    }

    /// <summary>The value is written to what this returns; then <see cref="End"/>.</summary>
    public ByteWriter Begin(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _tags.Count; i++)
        {
            if (!NameOf(i).SequenceEqual(name))
                continue;
            _tags.RemoveAt(i);
            break;
        }

        _tags.Add(new Entry(_bytes.Length, name.Length, -1));
        _bytes.Write(name);
        return _bytes;
    }

    /// <summary>Ends what <see cref="Begin"/> began; without a value there is no tag.</summary>
    public void End(int nameLength)
    {
        var start = _tags[^1].Start;
        var valueLength = _bytes.Length - start - nameLength;
        if (valueLength == 0)
            _tags.RemoveAt(_tags.Count - 1);
        else
            _tags[^1] = new Entry(start, nameLength, valueLength);
    }

    /// <summary>Something that happened at a moment; 0: it has not.</summary>
    public void AddEvent(long timeUs, ReadOnlySpan<byte> text)
    {
        if (timeUs == 0)
            return;
        _events.Add((timeUs, _bytes.Length, text.Length));
        _bytes.Write(text);
    }
}
