using System.Text;

namespace Weft.Http.Http2.Hpack;

/// <summary>The fields that both ends know from the start (RFC 7541 appendix A). Immutable.</summary>
internal static class StaticTable
{
    /// <summary>Indexes run from 1 to this.</summary>
    public const int Count = 61;

    private static readonly (string Name, string Value)[] s_fields =
    [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"), (":scheme", "http"),
        (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"),
        (":status", "404"), (":status", "500"), ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""),
        ("accept-ranges", ""), ("accept", ""), ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""),
        ("cache-control", ""), ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
        ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""), ("expect", ""),
        ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""), ("if-none-match", ""), ("if-range", ""),
        ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""), ("proxy-authenticate", ""),
        ("proxy-authorization", ""), ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
        ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""), ("www-authenticate", ""),
    ];

    private static readonly byte[][] s_names = Bytes(static field => field.Name);
    private static readonly byte[][] s_values = Bytes(static field => field.Value);
    private static readonly KnownHeader[] s_known = Array.ConvertAll(s_names, static name => KnownHeaderNames.Find(name));
    private static readonly byte[] s_indexOfKnown = BuildIndexes();

    public static byte[] NameAt(int index) => s_names[index - 1];

    public static byte[] ValueAt(int index) => s_values[index - 1];

    public static KnownHeader KnownAt(int index) => s_known[index - 1];

    /// <summary>The first index with this name; 0 when the table has none.</summary>
    public static int IndexOf(KnownHeader known) => s_indexOfKnown[(int)known];

    /// <summary>The index of a field as a whole, of those that have a value; 0 when the table has none.</summary>
    public static int IndexOf(KnownHeader known, ReadOnlySpan<byte> value)
    {
        for (var index = IndexOf(known); index is > 0 and <= Count && s_known[index - 1] == known; index++)
            if (s_values[index - 1].Length > 0 && value.SequenceEqual(s_values[index - 1])) return index;
        return 0;
    }

    private static byte[][] Bytes(Func<(string Name, string Value), string> text)
    {
        var bytes = new byte[Count][];
        for (var i = 0; i < Count; i++) bytes[i] = Encoding.ASCII.GetBytes(text(s_fields[i]));
        return bytes;
    }

    private static byte[] BuildIndexes()
    {
        var indexes = new byte[(int)KnownHeader.Count];
        for (var i = Count; i > 0; i--) indexes[(int)s_known[i - 1]] = (byte)i;
        indexes[(int)KnownHeader.None] = 0;
        return indexes;
    }
}
