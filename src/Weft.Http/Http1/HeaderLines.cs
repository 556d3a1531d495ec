namespace Weft.Http.Http1;

/// <summary>Which headers of a map are written, and the writing: lines that follow each other in the map's store are copied as one run.</summary>
internal readonly struct HeaderLines
{
    // A bit per known header: not written.
    private readonly ulong _low;
    private readonly ulong _high;

    private HeaderLines(ReadOnlySpan<KnownHeader> omitted)
    {
        foreach (var name in omitted)
        {
            if ((int)name < 64) _low |= 1UL << (int)name;
            else _high |= 1UL << ((int)name - 64);
        }
    }

    private static readonly HeaderLines Request = new([KnownHeader.Host, KnownHeader.Connection, KnownHeader.Upgrade, .. Hop]);
    private static readonly HeaderLines ChunkedRequest = new([KnownHeader.Host, KnownHeader.Connection, KnownHeader.Upgrade, KnownHeader.ContentLength, .. Hop]);
    private static readonly HeaderLines UpgradeRequest = new([KnownHeader.Host, .. Hop]);
    private static readonly HeaderLines Response = new([KnownHeader.Connection, KnownHeader.Upgrade, .. Hop]);
    private static readonly HeaderLines ChunkedResponse = new([KnownHeader.Connection, KnownHeader.Upgrade, KnownHeader.ContentLength, .. Hop]);
    private static readonly HeaderLines UpgradeResponse = new([.. Hop]);

    public static readonly HeaderLines OfTrailers = new([
        KnownHeader.Host, KnownHeader.Connection, KnownHeader.Upgrade, KnownHeader.ContentLength, .. Hop]);

    private static ReadOnlySpan<KnownHeader> Hop => [KnownHeader.KeepAlive, KnownHeader.ProxyConnection, KnownHeader.TransferEncoding];

    /// <summary>With chunks no content-length is written, whatever the map says: two framings are how requests are smuggled.</summary>
    public static HeaderLines OfRequest(bool isUpgrade, Http1Framing framing)
        => isUpgrade ? UpgradeRequest : framing == Http1Framing.Chunked ? ChunkedRequest : Request;

    public static HeaderLines OfResponse(bool isUpgrade, Http1Framing framing)
        => isUpgrade ? UpgradeResponse : framing == Http1Framing.Chunked ? ChunkedResponse : Response;

    public void Write(HeaderMap headers, NameCase names, ref HeadWriter writer)
    {
        if (!names.IsLower)
        {
            WriteOneByOne(headers, names, ref writer);
            return;
        }

        var store = headers.Store;
        var start = 0;
        var end = 0;
        foreach (ref readonly var entry in headers.Entries)
        {
            if (entry.IsPseudo || IsOmitted(entry.Known)) continue;
            if (entry.Line != end)
            {
                if (end > start) writer.Write(store.AsSpan(start, end - start));
                start = entry.Line;
            }

            end = entry.Value + entry.ValueLength + 2;
        }

        if (end > start) writer.Write(store.AsSpan(start, end - start));
    }

    private void WriteOneByOne(HeaderMap headers, NameCase names, ref HeadWriter writer)
    {
        var store = headers.Store;
        foreach (ref readonly var entry in headers.Entries)
        {
            if (entry.IsPseudo || IsOmitted(entry.Known)) continue;
            names.Write(store.AsSpan(entry.Line, entry.NameLength), ref writer);
            writer.Write(store.AsSpan(entry.Value, entry.ValueLength + 2));
        }
    }

    private bool IsOmitted(KnownHeader name)
        => ((int)name < 64 ? _low >> (int)name & 1 : _high >> ((int)name - 64) & 1) != 0;
}
