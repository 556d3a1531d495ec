using System.Buffers.Binary;
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

    public static byte[] WriteV2(ProxiedClient? client, TlvFilter tlvs)
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
        foreach (var (type, value) in client.Received?.Tlvs ?? [])
        {
            if (isWritten[type] || !tlvs.Passes(type) || body.Count + value.Length + 3 > ushort.MaxValue)
                continue;
            isWritten[type] = true;
            body.Add(type);
            AddNumber(body, value.Length);
            body.AddRange(value);
        }

        header.AddRange([0x21, client.Source.Kind == NetAddressKind.IPv4 ? (byte)0x11 : (byte)0x21]);
        AddNumber(header, body.Count);
        header.AddRange(body);
        return [.. header];
    }

    private static void AddNumber(List<byte> to, int number)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        to.AddRange(bytes);
    }
}
