namespace Weft.Net.Tls;

/// <summary>A key for session tickets, as Envoy's files have it: 80 bytes.</summary>
public sealed class TicketKey
{
    /// <summary>Name (16), HMAC key (32), AES-256 key (32).</summary>
    public const int Bytes = 80;

    internal const int NameBytes = 16;
    internal const int MacKeyBytes = 32;

    private readonly byte[] _data;

    /// <param name="data"><see cref="Bytes"/> of them.</param>
    public TicketKey(byte[] data)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, Bytes);
        _data = data;
    }

    internal ReadOnlySpan<byte> Name => _data.AsSpan(0, NameBytes);

    internal ReadOnlySpan<byte> MacKey => _data.AsSpan(NameBytes, MacKeyBytes);

    internal ReadOnlySpan<byte> CipherKey => _data.AsSpan(NameBytes + MacKeyBytes);
}
