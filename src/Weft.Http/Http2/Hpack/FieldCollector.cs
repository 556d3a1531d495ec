using System.Buffers;

namespace Weft.Http.Http2.Hpack;

/// <summary>What is wrong with a decoded field, or with the list of fields it stands in.</summary>
internal enum FieldFault : byte
{
    None,

    /// <summary>RFC 9113 section 8.2: a name or value that no message may have, or a field that has no meaning in HTTP/2.</summary>
    Malformed,

    /// <summary>RFC 9113 section 8.3: a pseudo-header that is unknown, repeated, late or out of place.</summary>
    Pseudo,

    /// <summary>An underscore in a name where that is refused.</summary>
    Underscore,

    TooLarge,
    TooMany,
}

/// <summary>
/// Takes the fields of one header block into a map, and judges them: the rules for single fields and for pseudo-headers, limits of
/// size and number. After the first fault the rest is only passed over. One per connection.
/// </summary>
internal sealed class FieldCollector(Http2Options options, bool isServer)
{
    private static readonly SearchValues<byte> s_nameCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> s_notInValues = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127]);

    private HeaderMap _map = null!;
    private bool _isTrailers;
    private bool _regularSeen;
    private int _bytes;
    private int _count;

    /// <summary>The first fault.</summary>
    public FieldFault Fault { get; private set; }

    /// <summary>Fields left out of this block for an underscore (dropped_headers_with_underscores).</summary>
    public int Dropped { get; private set; }

    /// <summary>A new block; its fields replace what is in the map.</summary>
    public void Begin(HeaderMap map, bool isTrailers)
    {
        _map = map;
        _isTrailers = isTrailers;
        _regularSeen = false;
        _bytes = _count = Dropped = 0;
        Fault = FieldFault.None;
        map.Clear();
    }

    /// <summary>The characters of a field. Does not look at known names, which are right.</summary>
    public static FieldFault Check(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (known == KnownHeader.None)
        {
            if (name.IsEmpty) return FieldFault.Malformed;
            if (name[0] == ':') return FieldFault.Pseudo;
            if (name.ContainsAnyExcept(s_nameCharacters)) return FieldFault.Malformed;
        }

        if (value.IsEmpty) return FieldFault.None;
        return value.ContainsAny(s_notInValues) || value[0] is (byte)' ' or (byte)'\t' || value[^1] is (byte)' ' or (byte)'\t'
            ? FieldFault.Malformed
            : FieldFault.None;
    }

    /// <param name="fault">The verdict of <see cref="Check"/>.</param>
    public void Add(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, FieldFault fault)
    {
        if (Fault != FieldFault.None) return;
        _bytes += name.Length + value.Length;
        if (_bytes > options.MaxHeadersBytes) fault = FieldFault.TooLarge;
        else if (++_count > options.MaxHeadersCount) fault = FieldFault.TooMany;
        else if (fault == FieldFault.None) fault = KnownHeaderNames.IsPseudo(known) ? CheckPseudo(known) : CheckRegular(known, value);
        Fault = fault;
        if (fault != FieldFault.None) return;
        if (known == KnownHeader.None && options.Underscores != Http1.UnderscoreAction.Allow && isServer && name.Contains((byte)'_'))
        {
            if (options.Underscores == Http1.UnderscoreAction.RejectRequest) Fault = FieldFault.Underscore;
            else Dropped++;
            return;
        }

        _map.AddDecoded(known, name, value);
    }

    private FieldFault CheckPseudo(KnownHeader known)
    {
        var isRight = isServer ? known != KnownHeader.Status : known == KnownHeader.Status;
        return isRight && !_isTrailers && !_regularSeen && !_map.HasOwn(known) ? FieldFault.None : FieldFault.Pseudo;
    }

    /// <summary>RFC 9113 section 8.2.2: what concerns a connection has no place in a message.</summary>
    private FieldFault CheckRegular(KnownHeader known, ReadOnlySpan<byte> value)
    {
        _regularSeen = true;
        return known switch
        {
            KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.ProxyConnection or KnownHeader.TransferEncoding or KnownHeader.Upgrade
                => FieldFault.Malformed,
            KnownHeader.Te when !System.Text.Ascii.EqualsIgnoreCase(value, "trailers"u8) => FieldFault.Malformed,
            _ => FieldFault.None,
        };
    }
}
