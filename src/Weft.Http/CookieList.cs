namespace Weft.Http;

/// <summary>
/// The cookies in one value of a Cookie header (RFC 6265 section 4.2), values without their quotes; what has no <c>=</c> is left out. Used with
/// <c>foreach</c>. No allocation.
/// </summary>
public ref struct CookieList
{
    private ReadOnlySpan<byte> _rest;

    public CookieList(ReadOnlySpan<byte> value)
    {
        _rest = value;
        Current = default;
    }

    public RequestCookie Current { get; private set; }

    public readonly CookieList GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf((byte)';');
            var cookie = (end < 0 ? _rest : _rest[..end]).TrimStart((byte)' ');
            _rest = end < 0 ? default : _rest[(end + 1)..];
            var equals = cookie.IndexOf((byte)'=');
            if (equals < 0) continue;
            var value = cookie[(equals + 1)..];
            if (value is [(byte)'"', .., (byte)'"']) value = value[1..^1];
            Current = new RequestCookie { Name = cookie[..equals], Value = value };
            return true;
        }

        return false;
    }
}

/// <summary>One cookie of a <see cref="CookieList"/>.</summary>
public ref struct RequestCookie
{
    public ReadOnlySpan<byte> Name { get; init; }

    public ReadOnlySpan<byte> Value { get; init; }
}
