using System.Text;
using Google.Protobuf;

namespace Weft.Proxy.Tests.Tracing.SkyWalking;

/// <summary>A message on the wire whose type is not known here: its fields by their numbers.</summary>
internal sealed class WireMessage
{
    private readonly List<(int Field, ulong Number, byte[] Bytes)> _fields = [];

    public WireMessage(byte[] bytes)
    {
        var input = new CodedInputStream(bytes);
        while (input.ReadTag() is not 0 and var tag)
        {
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint)
                _fields.Add((WireFormat.GetTagFieldNumber(tag), input.ReadUInt64(), []));
            else
                _fields.Add((WireFormat.GetTagFieldNumber(tag), 0, input.ReadBytes().ToByteArray()));
        }
    }

    public string Text(int field) => Encoding.UTF8.GetString(_fields.FirstOrDefault(found => found.Field == field).Bytes ?? []);

    public long Number(int field) => (long)_fields.FirstOrDefault(found => found.Field == field).Number;

    public IReadOnlyList<WireMessage> Messages(int field) => [.. _fields.Where(found => found.Field == field).Select(found => new WireMessage(found.Bytes))];
}
