using System.Buffers.Binary;
using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.TransportSockets.ProxyProtocol;

/// <summary>Writes headers of the PROXY protocol; without a client those that say nothing about one.</summary>
internal static class ProxyHeaderWriter
{
    private static ReadOnlySpan<byte> V2Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    public static string WriteV1(ProxiedClient? client)
    {
        if (client is null)
            return "PROXY UNKNOWN\r\n";
        var family = client.Source.Kind == NetAddressKind.IPv4 ? "TCP4" : "TCP6";
        return $"PROXY {family} {client.Source.ToIPAddress()} {client.Destination.ToIPAddress()} {client.Source.Port} {client.Destination.Port}\r\n";
    }

    /// <param name="passed">Which values of the client's own header are passed on.</param>
    /// <param name="added">Come first, and in place of the client's of their types.</param>
    /// <param name="shortened">Counts headers that do not hold all values; null: nothing does.</param>
    public static byte[] WriteV2(ProxiedClient? client, TlvFilter passed, AddedTlvs added, Counter? shortened)
    {
        var header = new List<byte>();
        header.AddRange(V2Signature);
        if (client is null)
        {
            header.AddRange([0x20, 0x00, 0, 0]);
            return [.. header];
        }

        var body = new List<byte>();
        Span<byte> address = stackalloc byte[16];
        body.AddRange(address[..client.Source.TryWriteIP(address)]);
        body.AddRange(address[..client.Destination.TryWriteIP(address)]);
        AddNumber(body, client.Source.Port);
        AddNumber(body, client.Destination.Port);
        // Each type once, as in Envoy.
        Span<bool> isWritten = stackalloc bool[byte.MaxValue + 1];
        isWritten.Clear();
        var isWhole = true;
        foreach (var (type, value) in added.Values)
        {
            isWritten[type] = true;
            isWhole &= TryAddTlv(body, type, value);
        }

        foreach (var (type, value) in client.Received?.Tlvs ?? [])
        {
            if (isWritten[type] || !passed.Passes(type))
                continue;
            isWritten[type] = true;
            isWhole &= TryAddTlv(body, type, value);
        }

        if (!isWhole)
            shortened?.Inc();

        header.AddRange([0x21, client.Source.Kind == NetAddressKind.IPv4 ? (byte)0x11 : (byte)0x21]);
        AddNumber(header, body.Count);
        header.AddRange(body);
        return [.. header];
    }

    /// <summary>What does not fit is left out.</summary>
    private static bool TryAddTlv(List<byte> body, byte type, byte[] value)
    {
        if (body.Count + value.Length + 3 > ushort.MaxValue)
            return false;
        body.Add(type);
        AddNumber(body, value.Length);
        body.AddRange(value);
        return true;
    }

    private static void AddNumber(List<byte> to, int number)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        to.AddRange(bytes);
    }
}
