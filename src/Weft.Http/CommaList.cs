namespace Weft.Http;

/// <summary>The members of a comma-separated header value, without the white space around them; empty members are left out (RFC 9110 section 5.6.1). Used with <c>foreach</c>.</summary>
public ref struct CommaList
{
    private ReadOnlySpan<byte> _rest;

    public CommaList(ReadOnlySpan<byte> value)
    {
        _rest = value;
        Current = default;
    }

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly CommaList GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var comma = _rest.IndexOf((byte)',');
            Current = (comma < 0 ? _rest : _rest[..comma]).Trim(" \t"u8);
            _rest = comma < 0 ? default : _rest[(comma + 1)..];
            if (!Current.IsEmpty) return true;
        }

        return false;
    }

    /// <summary>Some member is <paramref name="token"/>, in any case.</summary>
    public static bool Contains(ReadOnlySpan<byte> value, ReadOnlySpan<byte> token)
    {
        foreach (var member in new CommaList(value))
            if (System.Text.Ascii.EqualsIgnoreCase(member, token)) return true;
        return false;
    }
}
