namespace Weft.Proxy.HttpFilters.StatefulSession;

/// <summary>What a session cookie holds: a message of address (1, text) and time of expiry (2, number), as Envoy writes it. No allocation.</summary>
internal static class SessionCookie
{
    private const byte AddressTag = 1 << 3 | 2;
    private const byte ExpiresTag = 2 << 3;

    /// <param name="expires">Unix seconds; 0: never.</param>
    /// <returns>Bytes written; 0 when they do not fit.</returns>
    public static int Write(ReadOnlySpan<byte> address, long expires, Span<byte> to)
    {
        if (address.Length + 24 > to.Length)
            return 0;
        to[0] = AddressTag;
        var end = 1 + WriteNumber((ulong)address.Length, to[1..]);
        address.CopyTo(to[end..]);
        end += address.Length;
        if (expires == 0)
            return end;
        to[end++] = ExpiresTag;
        return end + WriteNumber((ulong)expires, to[end..]);
    }

    /// <summary>False when it is no such message.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> address, out long expires)
    {
        address = default;
        expires = 0;
        while (!message.IsEmpty)
        {
            var tag = message[0];
            message = message[1..];
            if (tag is not (AddressTag or ExpiresTag) || !TryReadNumber(ref message, out var number))
                return false;
            if (tag == ExpiresTag)
            {
                expires = (long)number;
                continue;
            }
            if (number > (ulong)message.Length)
                return false;
            address = message[..(int)number];
            message = message[(int)number..];
        }
        return true;
    }

    private static int WriteNumber(ulong number, Span<byte> to)
    {
        var length = 0;
        for (; number >= 0x80; number >>= 7)
            to[length++] = (byte)(number | 0x80);
        to[length++] = (byte)number;
        return length;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> from, out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 64 && !from.IsEmpty; shift += 7)
        {
            var part = from[0];
            from = from[1..];
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }
        return false;
    }
}
