using System.Buffers.Binary;
using System.Net;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Dns;

/// <summary>Builds response messages, right ones and wrong ones.</summary>
internal sealed class DnsMessageBuilder
{
    private readonly List<byte> _bytes = [];

    public DnsMessageBuilder(ushort id, ushort flags = 0x8180, int questions = 1, int answers = 0, int authorities = 0)
    {
        Short(id).Short(flags).Short((ushort)questions).Short((ushort)answers).Short((ushort)authorities).Short(0);
    }

    public int Length => _bytes.Count;

    public byte[] Bytes => [.. _bytes];

    public DnsMessageBuilder Byte(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public DnsMessageBuilder Short(ushort value) => Byte((byte)(value >> 8)).Byte((byte)value);

    public DnsMessageBuilder Int(uint value) => Short((ushort)(value >> 16)).Short((ushort)value);

    public DnsMessageBuilder Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public DnsMessageBuilder Name(string name)
    {
        foreach (var label in name.Split('.'))
        {
            Byte((byte)label.Length);
            _bytes.AddRange(System.Text.Encoding.ASCII.GetBytes(label));
        }
        return Byte(0);
    }

    public DnsMessageBuilder Pointer(int offset) => Short((ushort)(0xC000 | offset));

    public DnsMessageBuilder Question(string name, DnsRecordType type) => Name(name).Short((ushort)type).Short(1);

    public DnsMessageBuilder Address(string owner, string address, uint ttl = 60)
    {
        var data = IPAddress.Parse(address).GetAddressBytes();
        return Name(owner).Short((ushort)(data.Length == 4 ? DnsRecordType.A : DnsRecordType.Aaaa)).Short(1).Int(ttl).Short((ushort)data.Length).Raw(data);
    }

    public DnsMessageBuilder Cname(string owner, string target, uint ttl = 60) =>
        Name(owner).Short((ushort)DnsRecordType.Cname).Short(1).Int(ttl).Short((ushort)(target.Length + 2)).Name(target);

    public DnsMessageBuilder Soa(string owner) => Name(owner).Short((ushort)DnsRecordType.Soa).Short(1).Int(60).Short(22).Byte(0).Byte(0).Raw(new byte[20]);

    /// <summary>Sets a count of the header afterwards: 4 questions, 6 answers, 8 authorities.</summary>
    public byte[] WithCount(int offset, ushort count)
    {
        var bytes = Bytes;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(offset), count);
        return bytes;
    }
}
