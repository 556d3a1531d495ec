using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>
/// The cookies of one request while they are read and changed. Of several of one name the first counts. Reused; one
/// thread. Allocates only while it grows.
/// </summary>
internal sealed class CookieSet
{
    private static readonly HeaderName s_cookie = new(KnownHeader.Cookie);

    private readonly ByteWriter _bytes = new(0);
    private readonly List<Entry> _entries = [];

    /// <summary>Takes the cookies of a request, forgetting those of the one before. What has no name is passed over.</summary>
    public void Read(HeaderMap headers)
    {
        Clear();
        for (var i = headers.IndexOf(s_cookie); i >= 0; i = headers.IndexOf(s_cookie, i + 1))
        {
            foreach (var cookie in new CookieList(headers.ValueAt(i))) Add(cookie.Name, cookie.Value);
        }
    }

    /// <summary>Empty when there is none of that name. Valid until the next change.</summary>
    public ReadOnlySpan<byte> Get(ReadOnlySpan<byte> name)
    {
        var index = IndexOf(name);
        return index < 0 ? default : ValueAt(index);
    }

    public bool Has(ReadOnlySpan<byte> name) => IndexOf(name) >= 0;

    /// <summary>Replaces all of that name by one, the last, or adds it.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Remove(name);
        Add(name, value);
    }

    /// <summary>Removes all of that name.</summary>
    public void Remove(ReadOnlySpan<byte> name) => Remove(name, from: 0);

    /// <summary>Removes those of that name that do not count: others may think that they do.</summary>
    public void RemoveRepeated(ReadOnlySpan<byte> name)
    {
        var first = IndexOf(name);
        if (first >= 0) Remove(name, first + 1);
    }

    /// <summary>Makes them the cookies of a request.</summary>
    /// <param name="scratch">Is cleared.</param>
    public void WriteTo(HeaderMap headers, ByteWriter scratch)
    {
        if (_entries.Count == 0)
        {
            headers.Remove(KnownHeader.Cookie);
            return;
        }

        scratch.Clear();
        for (var i = 0; i < _entries.Count; i++)
        {
            if (i > 0) scratch.Write("; "u8);
            scratch.Write(NameAt(i));
            scratch.Write((byte)'=');
            scratch.Write(ValueAt(i));
        }

        headers.Set(KnownHeader.Cookie, scratch.Written);
    }

    public void Clear()
    {
        _bytes.Clear();
        _entries.Clear();
    }

    private void Remove(ReadOnlySpan<byte> name, int from)
    {
        var kept = from;
        for (var i = from; i < _entries.Count; i++)
        {
            if (!NameAt(i).SequenceEqual(name)) _entries[kept++] = _entries[i];
        }

        _entries.RemoveRange(kept, _entries.Count - kept);
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (NameAt(i).SequenceEqual(name)) return i;
        }

        return -1;
    }

    private void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _entries.Add(new Entry(_bytes.Length, name.Length, value.Length));
        _bytes.Write(name);
        _bytes.Write(value);
    }

    private ReadOnlySpan<byte> NameAt(int index) => _bytes.Written.Slice(_entries[index].Start, _entries[index].NameLength);

    private ReadOnlySpan<byte> ValueAt(int index) => _bytes.Written.Slice(_entries[index].Start + _entries[index].NameLength, _entries[index].ValueLength);

    /// <summary>Name and value lie side by side.</summary>
    private readonly record struct Entry(int Start, int NameLength, int ValueLength);
}
