namespace Weft.Http.Http1;

/// <summary>How the encoder writes names: as the message's sender did, else in Proper-Case, else in lower case.</summary>
internal readonly ref struct NameCase(HeaderMap? headers, Http1WriteOptions options)
{
    private readonly OriginalNames? _original = headers?.OriginalNames;

    /// <summary>Names are written as they stand in the map.</summary>
    public bool IsLower => _original is null && !options.IsProperCase;

    /// <summary>Writes a lower-case name and the colon behind it.</summary>
    public void Write(ReadOnlySpan<byte> name, ref HeadWriter writer)
    {
        var isProper = options.IsProperCase;
        if (_original is not null)
        {
            if (_original.Find(name) is { IsEmpty: false } written)
            {
                writer.Write(written);
                writer.Write(": "u8);
                return;
            }

            isProper = _original.IsProperForOthers;
        }

        if (isProper) WriteProper(name, ref writer);
        else writer.Write(name);
        writer.Write(": "u8);
    }

    /// <summary>A letter at the start, or behind anything that is neither letter nor digit, becomes a capital.</summary>
    private static void WriteProper(ReadOnlySpan<byte> name, ref HeadWriter writer)
    {
        Span<byte> buffer = stackalloc byte[64];
        var isStart = true;
        while (!name.IsEmpty)
        {
            var piece = name[..Math.Min(name.Length, buffer.Length)];
            for (var i = 0; i < piece.Length; i++)
            {
                var isLetter = char.IsAsciiLetter((char)piece[i]);
                buffer[i] = isStart && isLetter ? (byte)(piece[i] & ~0x20) : piece[i];
                isStart = !isLetter && !char.IsAsciiDigit((char)piece[i]);
            }

            writer.Write(buffer[..piece.Length]);
            name = name[piece.Length..];
        }
    }
}
