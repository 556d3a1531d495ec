using System.Text;

namespace Weft.Http;

/// <summary>
/// A lower-case header name as configuration holds it: its bytes and, when the proxy knows it, its id, so that look-ups
/// are by index. Immutable; the default value is the name of no header.
/// </summary>
public readonly struct HeaderName
{
    private readonly byte[]? _bytes;

    /// <param name="name">Any case; kept in lower case.</param>
    public HeaderName(string name)
    {
        var lower = Encoding.Latin1.GetBytes(name.ToLowerInvariant());
        Known = Find(lower);
        _bytes = Known == KnownHeader.None ? lower : KnownHeaderNames.BytesOf(Known);
    }

    public HeaderName(KnownHeader known)
    {
        Known = known;
        _bytes = KnownHeaderNames.BytesOf(known);
    }

    /// <summary>The id; None when the proxy itself never looks at this header.</summary>
    public KnownHeader Known { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public override string ToString() => _bytes is null ? "" : Encoding.Latin1.GetString(_bytes);

    /// <summary>The id of a lower-case name; None when it is not a known one.</summary>
    public static KnownHeader Find(ReadOnlySpan<byte> lowerCaseName) => KnownHeaderNames.Find(lowerCaseName);
}
