using System.Buffers.Binary;

namespace Weft.Proxy.Dns;

/// <summary>The record types asked for or looked at (RFC 1035, RFC 3596).</summary>
internal enum DnsRecordType : ushort
{
    A = 1,
    Cname = 5,
    Soa = 6,
    Aaaa = 28,
}

/// <summary>Builds query messages.</summary>
internal static class DnsQueryWriter
{
    /// <summary>Enough for any query: header, the longest question, an OPT record.</summary>
    public const int MaxBytes = DnsResponse.HeaderBytes + DnsName.MaxWireBytes + 4 + OptBytes;

    /// <summary>The answer size offered by EDNS: fits an IPv6 packet on any path, so that answers are not fragmented.</summary>
    public const int UdpPayloadBytes = 1232;

    private const int OptBytes = 11;
    private const ushort RecursionDesired = 0x0100;
    private const ushort Internet = 1;
    private const ushort Opt = 41;

    /// <summary>Writes one question; returns the bytes written.</summary>
    /// <param name="edns">Adds an OPT record (RFC 6891); servers that do not know it answer FORMERR.</param>
    public static int Write(Span<byte> destination, ushort id, DnsName name, DnsRecordType type, bool edns)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(destination[8..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], (ushort)(edns ? 1 : 0));
        var length = DnsResponse.HeaderBytes;
        name.Wire.CopyTo(destination[length..]);
        length += name.Wire.Length;
        BinaryPrimitives.WriteUInt16BigEndian(destination[length..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(length + 2)..], Internet);
        length += 4;
        if (edns)
            length += WriteOpt(destination[length..]);
        return length;
    }

    private static int WriteOpt(Span<byte> destination)
    {
        destination[..OptBytes].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], Opt);
        BinaryPrimitives.WriteUInt16BigEndian(destination[3..], UdpPayloadBytes);
        return OptBytes;
    }
}
