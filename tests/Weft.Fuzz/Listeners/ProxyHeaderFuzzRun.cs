using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Weft.Base;
using Weft.Net;
using Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;

namespace Weft.Fuzz.Listeners;

/// <summary>The reader of PROXY protocol headers: what it finds is written again and must give the same bytes.</summary>
public sealed class ProxyHeaderFuzzRun(ulong seed) : FirstBytesFuzzRun<ProxyHeaderFuzzRun.Header>(seed)
{
    private const int Stream = 1;
    private const int Datagrams = 2;
    private static readonly byte[] s_signature = [.. "\r\n\r\n\0\r\nQUIT\n"u8];

    /// <summary>What a header was made of.</summary>
    public sealed record Header(int Version, IPEndPoint? Source, IPEndPoint? Destination, (byte Type, byte[] Value)[] Tlvs);

    protected override (byte[] Bytes, Header Truth) Make(RandomSource random)
    {
        var isIPv6 = random.Next(2) == 0;
        var (source, destination) = (EndPoint(random, isIPv6), EndPoint(random, isIPv6));
        switch (random.Next(5))
        {
            case 0:
                return (Encoding.ASCII.GetBytes("PROXY UNKNOWN\r\n"), new Header(1, null, null, []));
            case 1:
                return ([.. s_signature, 0x20, 0, 0, 3, 1, 2, 3], new Header(2, null, null, []));
            case 2:
                var line = string.Create(CultureInfo.InvariantCulture, $"PROXY TCP{(isIPv6 ? 6 : 4)} {source.Address} {destination.Address} {source.Port} {destination.Port}\r\n");
                return (Encoding.ASCII.GetBytes(line), new Header(1, source, destination, []));
            default:
                (byte, byte[])[] tlvs = [.. Enumerable.Range(0, (int)random.Next(4)).Select(_ => ((byte)random.Next(256), new byte[random.Next(random.Next(8) == 0 ? 2000u : 20u)]))];
                return (Version2(source, destination, tlvs, random.Next(4) == 0 ? Datagrams : Stream), new Header(2, source, destination, tlvs));
        }
    }

    protected override FirstBytesStatus Read(ReadOnlySpan<byte> data, out string found)
    {
        var status = ProxyHeaderReader.Read(data, out var header, out _);
        found = header is null ? "" : Text(header.Version, header.IsLocal ? "" : $"{header.Source} {header.Destination}", header.Tlvs);
        return status switch
        {
            ProxyHeaderStatus.Found => FirstBytesStatus.Found,
            ProxyHeaderStatus.NeedsMore => FirstBytesStatus.NeedsMore,
            _ => FirstBytesStatus.Refused,
        };
    }

    protected override string Describe(Header truth) => Text(truth.Version, truth.Source is null ? "" : $"{truth.Source} {truth.Destination}", truth.Tlvs);

    protected override void CheckFound(ReadOnlySpan<byte> data)
    {
        ProxyHeaderReader.Read(data, out var header, out _);
        if (header!.Length > data.Length)
            throw new FindingException($"a header of {header.Length} bytes in {data.Length}");
        if (header.Version == 1 && (header.Length > 107 || !data[..header.Length].EndsWith("\r\n"u8)))
            throw new FindingException($"a line of {header.Length} bytes");
        if (header is { Version: 2, IsLocal: false } && !data[..header.Length].SequenceEqual(Version2(EndPointOf(header.Source), EndPointOf(header.Destination), header.Tlvs, data[13] & 0xF)))
            throw new FindingException("written again, it is another header");
    }

    private static string Text(int version, string addresses, IEnumerable<(byte Type, byte[] Value)> tlvs) =>
        $"{version} {addresses} {string.Join(',', tlvs.Select(tlv => $"{tlv.Type}={Convert.ToHexString(tlv.Value)}"))}";

    /// <param name="transport">Which of the two it was stands in no header that was read: the addresses count.</param>
    private static byte[] Version2(IPEndPoint source, IPEndPoint destination, IEnumerable<(byte Type, byte[] Value)> tlvs, int transport)
    {
        byte[] body = [.. source.Address.GetAddressBytes(), .. destination.Address.GetAddressBytes(), .. Short(source.Port), .. Short(destination.Port), .. tlvs.SelectMany(tlv => (byte[])[tlv.Type, .. Short(tlv.Value.Length), .. tlv.Value])];
        return [.. s_signature, 0x21, (byte)((source.Address.GetAddressBytes().Length == 4 ? 0x10 : 0x20) | transport), .. Short(body.Length), .. body];
    }

    private static IPEndPoint EndPoint(RandomSource random, bool isIPv6)
    {
        var bytes = new byte[isIPv6 ? 16 : 4];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)random.Next(256);
        // Neither a mapped address nor one with a scope: those have several texts.
        bytes[0] = (byte)(isIPv6 ? 0x20 : 10);
        return new IPEndPoint(new IPAddress(bytes), (int)random.Next(65536));
    }

    private static IPEndPoint EndPointOf(NetAddress address) => new(address.ToIPAddress(), address.Port);

    private static byte[] Short(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }
}
