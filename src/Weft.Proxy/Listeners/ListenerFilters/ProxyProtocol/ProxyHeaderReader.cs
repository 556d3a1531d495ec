using System.Buffers.Binary;
using System.Net;
using System.Text;
using Weft.Net;

namespace Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;

/// <summary>Reads a header of the PROXY protocol, versions 1 and 2 (haproxy's proxy-protocol.txt), from the first bytes of a connection.</summary>
public static class ProxyHeaderReader
{
    /// <summary>Section 2.1: 107 bytes with the line's end.</summary>
    private const int MaxV1Bytes = 107;
    private const int V2HeaderBytes = 16;
    private const int V2SignatureBytes = 12;
    private const int V2Version = 2;
    private const int CommandLocal = 0;
    private const int CommandProxy = 1;
    private const int FamilyIPv4 = 1;
    private const int FamilyIPv6 = 2;
    private const int TransportStream = 1;
    private const int TransportDatagram = 2;

    private static ReadOnlySpan<byte> V1Signature => "PROXY "u8;

    private static ReadOnlySpan<byte> V2Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads it.</summary>
    /// <param name="data">All bytes so far.</param>
    /// <param name="header">Set with <see cref="ProxyHeaderStatus.Found"/>.</param>
    /// <param name="version">The version it is, or begins like; 0 for none: the first bytes, or a line that does not end, are of neither.</param>
    public static ProxyHeaderStatus Read(ReadOnlySpan<byte> data, out ProxyHeader? header, out int version)
    {
        header = null;
        version = StartsLike(data, V2Signature) ? 2 : StartsLike(data, V1Signature) ? 1 : 0;
        return version switch
        {
            2 => ReadV2(data, out header),
            1 => ReadV1(data, out header, ref version),
            _ => ProxyHeaderStatus.NotFound,
        };
    }

    private static bool StartsLike(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        data.Length >= signature.Length ? data.StartsWith(signature) : signature.StartsWith(data);

    private static ProxyHeaderStatus ReadV1(ReadOnlySpan<byte> data, out ProxyHeader? header, ref int version)
    {
        header = null;
        var end = data[..Math.Min(data.Length, MaxV1Bytes)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            if (data.Length < MaxV1Bytes)
                return ProxyHeaderStatus.NeedsMore;
            version = 0;
            return ProxyHeaderStatus.Malformed;
        }

        var length = end + 2;
        var parts = Encoding.Latin1.GetString(data[V1Signature.Length..end]).Split(' ');
        if (parts[0] == "UNKNOWN")
        {
            header = new ProxyHeader { Version = 1, Length = length, IsLocal = true };
            return ProxyHeaderStatus.Found;
        }

        var kind = parts[0] switch { "TCP4" => NetAddressKind.IPv4, "TCP6" => NetAddressKind.IPv6, _ => NetAddressKind.None };
        if (kind == NetAddressKind.None || parts.Length != 5 || !TryParse(parts[1], parts[3], kind, out var source) || !TryParse(parts[2], parts[4], kind, out var destination))
            return ProxyHeaderStatus.Malformed;
        header = new ProxyHeader { Version = 1, Length = length, Source = source, Destination = destination };
        return ProxyHeaderStatus.Found;
    }

    /// <summary>Ports are decimal without leading zeros or signs.</summary>
    private static bool TryParse(string address, string port, NetAddressKind kind, out NetAddress result)
    {
        result = default;
        if (port.Length is 0 or > 5 || (port.Length > 1 && port[0] == '0') || port.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return false;
        return NetAddress.TryParseIP(address, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), out result) && result.Kind == kind;
    }

    private static ProxyHeaderStatus ReadV2(ReadOnlySpan<byte> data, out ProxyHeader? header)
    {
        header = null;
        if (data.Length < V2HeaderBytes)
            return data.Length > V2SignatureBytes && data[V2SignatureBytes] >> 4 != V2Version ? ProxyHeaderStatus.Malformed : ProxyHeaderStatus.NeedsMore;
        var command = data[12] & 0xF;
        if (data[12] >> 4 != V2Version || command is not (CommandLocal or CommandProxy))
            return ProxyHeaderStatus.Malformed;
        var addressBytes = command == CommandLocal ? 0 : AddressBytes(data[13]);
        var rest = BinaryPrimitives.ReadUInt16BigEndian(data[14..]);
        if (addressBytes < 0 || rest < addressBytes)
            return ProxyHeaderStatus.Malformed;
        if (data.Length < V2HeaderBytes + rest)
            return ProxyHeaderStatus.NeedsMore;
        var body = data.Slice(V2HeaderBytes, rest);
        var tlvs = new List<(byte, byte[])>();
        // What a LOCAL header carries is to be ignored (section 2.2).
        if (command == CommandProxy && !TryReadTlvs(body[addressBytes..], tlvs))
            return ProxyHeaderStatus.Malformed;
        header = new ProxyHeader
        {
            Version = 2,
            Length = V2HeaderBytes + rest,
            IsLocal = command == CommandLocal,
            Source = AddressAt(body, addressBytes, isSource: true),
            Destination = AddressAt(body, addressBytes, isSource: false),
            Tlvs = tlvs,
        };
        return ProxyHeaderStatus.Found;
    }

    /// <summary>-1 for what is neither TCP nor UDP over IP: a proxy may pass on by TCP what reached it in datagrams.</summary>
    private static int AddressBytes(byte familyAndTransport) => (familyAndTransport >> 4, familyAndTransport & 0xF) switch
    {
        (FamilyIPv4, TransportStream or TransportDatagram) => 12,
        (FamilyIPv6, TransportStream or TransportDatagram) => 36,
        _ => -1,
    };

    private static NetAddress AddressAt(ReadOnlySpan<byte> body, int addressBytes, bool isSource)
    {
        if (addressBytes == 0)
            return default;
        var width = (addressBytes - 4) / 2;
        var ip = body.Slice(isSource ? 0 : width, width);
        var port = BinaryPrimitives.ReadUInt16BigEndian(body[((2 * width) + (isSource ? 0 : 2))..]);
        return NetAddress.FromIP(new IPAddress(ip), port);
    }

    private static bool TryReadTlvs(ReadOnlySpan<byte> data, List<(byte, byte[])> tlvs)
    {
        while (!data.IsEmpty)
        {
            if (data.Length < 3)
                return false;
            var length = BinaryPrimitives.ReadUInt16BigEndian(data[1..]);
            if (data.Length < 3 + length)
                return false;
            tlvs.Add((data[0], data.Slice(3, length).ToArray()));
            data = data[(3 + length)..];
        }

        return true;
    }
}
