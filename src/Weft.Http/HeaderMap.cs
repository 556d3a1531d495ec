using System.Buffers.Text;

namespace Weft.Http;

/// <summary>
/// The head (or trailers) of one message: pseudo-headers and headers in order, in one growable byte store that the map owns. The decoder
/// writes received headers into it in their normal form (<c>lower-case-name: value CRLF</c>), so that encoding copies
/// untouched neighbours in runs. Pooled with its stream; reused after <see cref="Clear"/>. Not thread-safe.
/// </summary>
/// <remarks>
/// Spans returned by look-ups are valid until the next change of the map. Pseudo-headers may stand anywhere among the
/// headers; encoders write them first. The host of a request is <c>:authority</c>: looking up <c>host</c> finds it.
/// </remarks>
public sealed partial class HeaderMap
{
    /// <summary>Entries, pseudo-headers included.</summary>
    public int Count => _count;

    /// <summary>Bytes of all names and values, as header limits and size statistics count them. Counted on each call.</summary>
    public int ByteSize
    {
        get
        {
            var size = 0;
            for (var i = 0; i < _count; i++) size += NameAt(i).Length + _entries[i].ValueLength;
            return size;
        }
    }

    public KnownHeader KnownAt(int index) => EntryAt(index).Known;

    public ReadOnlySpan<byte> NameAt(int index)
    {
        ref var entry = ref EntryAt(index);
        return entry.IsPseudo ? KnownHeaderNames.BytesOf(entry.Known) : _store.AsSpan(entry.Line, entry.NameLength);
    }

    public ReadOnlySpan<byte> ValueAt(int index)
    {
        ref var entry = ref EntryAt(index);
        return _store.AsSpan(entry.Value, entry.ValueLength);
    }

    /// <summary>There is at least one such header. O(1).</summary>
    public bool Has(KnownHeader name) => FirstOf(name) >= 0;

    public bool Has(HeaderName name) => IndexOf(name) >= 0;

    /// <summary>The first value; empty when absent (see <see cref="Has(KnownHeader)"/>). O(1).</summary>
    public ReadOnlySpan<byte> Get(KnownHeader name)
    {
        var index = FirstOf(name);
        return index < 0 ? default : ValueAt(index);
    }

    public ReadOnlySpan<byte> Get(HeaderName name)
    {
        var index = IndexOf(name, 0);
        return index < 0 ? default : ValueAt(index);
    }

    public bool TryGet(HeaderName name, out ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name, 0);
        value = index < 0 ? default : ValueAt(index);
        return index >= 0;
    }

    /// <summary>The index of the first such header, or -1.</summary>
    public int IndexOf(HeaderName name) => IndexOf(name, 0);

    /// <summary>The index of the first such header at or after <paramref name="start"/>, or -1: for walking all values.</summary>
    public int IndexOf(HeaderName name, int start)
        => name.Known != KnownHeader.None ? IndexOfKnown(name.Known, start) : IndexOfName(name.Bytes, start);

    /// <summary>The same by a name that is not interned; it must be lower-case.</summary>
    public int IndexOf(ReadOnlySpan<byte> name, int start = 0)
        => KnownHeaderNames.Find(name) is var known and not KnownHeader.None ? IndexOfKnown(known, start) : IndexOfName(name, start);

    /// <summary>Adds a header behind the others, whether or not there is one of that name. The value is copied (it may be a span of this map).</summary>
    public void Add(KnownHeader name, ReadOnlySpan<byte> value) => AddLine(name, KnownHeaderNames.BytesOf(name), value);

    public void Add(HeaderName name, ReadOnlySpan<byte> value) => AddLine(name.Known, name.Bytes, value);

    /// <summary>Adds a header by a name that is not interned yet (decoders). The name must be lower-case.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => AddLine(KnownHeaderNames.Find(name), name, value);

    /// <summary>Replaces all headers of that name by one (in place of the first, else added).</summary>
    public void Set(KnownHeader name, ReadOnlySpan<byte> value)
    {
        var index = FirstOf(name);
        if (index < 0) Add(name, value);
        else ReplaceAll(index, value);
    }

    public void Set(HeaderName name, ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name, 0);
        if (index < 0) Add(name, value);
        else ReplaceAll(index, value);
    }

    /// <summary>The same by a name that is not interned; it must be lower-case.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name);
        if (index < 0) Add(name, value);
        else ReplaceAll(index, value);
    }

    /// <summary>Appends to the first such header, separated by <paramref name="separator"/> (Envoy uses "," and ", ") unless one of the two is empty; adds it when absent.</summary>
    public void Append(HeaderName name, ReadOnlySpan<byte> value, ReadOnlySpan<byte> separator)
    {
        var index = IndexOf(name, 0);
        if (index < 0) Add(name, value);
        else AppendAt(index, value, separator);
    }

    /// <summary>Sets a number in decimal.</summary>
    public void Set(KnownHeader name, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var length);
        Set(name, digits[..length]);
    }

    /// <summary>Removes all headers of that name; true when there was one.</summary>
    public bool Remove(KnownHeader name) => RemoveFrom(FirstOf(name));

    public bool Remove(HeaderName name) => RemoveFrom(IndexOf(name, 0));

    /// <summary>The same by a name that is not interned; it must be lower-case.</summary>
    public bool Remove(ReadOnlySpan<byte> name) => RemoveFrom(IndexOf(name));

    public void RemoveAt(int index)
    {
        ref var entry = ref EntryAt(index);
        var known = entry.Known;
        _count--;
        _entries.AsSpan(index + 1, _count - index).CopyTo(_entries.AsSpan(index));
        if (known != KnownHeader.None) _first[(int)known] = 0;
        RenumberFrom(index, known);
    }

    /// <summary>The number in :status; 0 when absent.</summary>
    public int Status
    {
        get
        {
            var status = 0;
            foreach (var digit in Get(KnownHeader.Status)) status = status * 10 + (digit - '0');
            return status;
        }
    }

    /// <summary>What HTTP/1 writes behind the status of a response instead of the standard's words; null: those.</summary>
    public byte[]? ReasonPhrase { get; set; }

    /// <summary>A copy of everything in <paramref name="other"/>, replacing what is here (shadow requests, internal redirects).</summary>
    public void CopyFrom(HeaderMap other)
    {
        if (ReferenceEquals(this, other)) return;
        Clear();
        EnsureStore(other._used);
        other._store.AsSpan(0, other._used).CopyTo(_store);
        if (_entries.Length < other._count) _entries = new Entry[other._entries.Length];
        other._entries.AsSpan(0, other._count).CopyTo(_entries);
        other._first.CopyTo(_first.AsSpan());
        (_used, _count, _knownRepeats) = (other._used, other._count, other._knownRepeats);
        ReasonPhrase = other.ReasonPhrase;
        CopyNames(other);
    }

    /// <summary>Forgets everything; a store grown beyond 16 KB is given back.</summary>
    public void Clear()
    {
        _count = 0;
        _used = 0;
        _knownRepeats = false;
        _keepsNames = false;
        ReasonPhrase = null;
        _first.AsSpan().Clear();
        if (_store.Length > KeptStoreBytes) _store = [];
    }
}
