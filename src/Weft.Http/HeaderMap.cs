namespace Weft.Http;

/// <summary>
/// The head (or trailers) of one message: pseudo-headers and headers in order, in one growable byte store that the map owns. The decoder
/// writes received headers into it in their normal form (<c>lower-case-name: value CRLF</c>), so that encoding copies
/// untouched neighbours in runs. Pooled with its stream; reused after <see cref="Clear"/>. Not thread-safe.
/// </summary>
/// <remarks>Spans returned by look-ups are valid until the next change of the map.</remarks>
public sealed class HeaderMap
{
    /// <summary>Entries, pseudo-headers included.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Bytes of all names and values, as header limits and size statistics count them.</summary>
    public int ByteSize => throw new NotImplementedException();

    public KnownHeader KnownAt(int index) => throw new NotImplementedException();

    public ReadOnlySpan<byte> NameAt(int index) => throw new NotImplementedException();

    public ReadOnlySpan<byte> ValueAt(int index) => throw new NotImplementedException();

    /// <summary>There is at least one such header. O(1).</summary>
    public bool Has(KnownHeader name) => throw new NotImplementedException();

    public bool Has(HeaderName name) => IndexOf(name) >= 0;

    /// <summary>The first value; empty when absent (see <see cref="Has(KnownHeader)"/>). O(1).</summary>
    public ReadOnlySpan<byte> Get(KnownHeader name) => throw new NotImplementedException();

    public ReadOnlySpan<byte> Get(HeaderName name) => throw new NotImplementedException();

    public bool TryGet(HeaderName name, out ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>The index of the first such header, or -1.</summary>
    public int IndexOf(HeaderName name) => IndexOf(name, 0);

    /// <summary>The index of the first such header at or after <paramref name="start"/>, or -1: for walking all values.</summary>
    public int IndexOf(HeaderName name, int start) => throw new NotImplementedException();

    /// <summary>Adds a header behind the others, whether or not there is one of that name. The value is copied (it may be a span of this map).</summary>
    public void Add(KnownHeader name, ReadOnlySpan<byte> value) => throw new NotImplementedException();

    public void Add(HeaderName name, ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>Adds a header by a name that is not interned yet (decoders). The name must be lower-case.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>Replaces all headers of that name by one (in place of the first, else added).</summary>
    public void Set(KnownHeader name, ReadOnlySpan<byte> value) => throw new NotImplementedException();

    public void Set(HeaderName name, ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>Appends to the first such header, separated by <paramref name="separator"/> (Envoy uses "," and ", "); adds it when absent.</summary>
    public void Append(HeaderName name, ReadOnlySpan<byte> value, ReadOnlySpan<byte> separator) => throw new NotImplementedException();

    /// <summary>Sets a number in decimal.</summary>
    public void Set(KnownHeader name, long value) => throw new NotImplementedException();

    /// <summary>Removes all headers of that name; true when there was one.</summary>
    public bool Remove(KnownHeader name) => throw new NotImplementedException();

    public bool Remove(HeaderName name) => throw new NotImplementedException();

    public void RemoveAt(int index) => throw new NotImplementedException();

    /// <summary>The number in :status; 0 when absent.</summary>
    public int Status => throw new NotImplementedException();

    /// <summary>A copy of everything in <paramref name="other"/>, replacing what is here (shadow requests, internal redirects).</summary>
    public void CopyFrom(HeaderMap other) => throw new NotImplementedException();

    /// <summary>Forgets everything; a store grown beyond 16 KB is given back.</summary>
    public void Clear() => throw new NotImplementedException();
}
