using System.Buffers.Binary;
using System.Text;

namespace Weft.Proxy.Tests.Tracing.Datadog;

/// <summary>Reads MessagePack into lists, dictionaries, texts and numbers.</summary>
internal ref struct MsgPackReader(ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;

    public static object Read(byte[] message)
    {
        var reader = new MsgPackReader(message);
        var value = reader.Value();
        Assert.True(reader._rest.IsEmpty);
        return value;
    }

    private object Value()
    {
        var kind = Take(1)[0];
        return kind switch
        {
            < 0x80 => (long)kind,
            < 0x90 => Map(kind & 15),
            < 0xa0 => List(kind & 15),
            < 0xc0 => Encoding.UTF8.GetString(Take(kind & 31)),
            0xcb => BinaryPrimitives.ReadDoubleBigEndian(Take(8)),
            0xcf => BinaryPrimitives.ReadUInt64BigEndian(Take(8)),
            0xd3 => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
            0xdb => Encoding.UTF8.GetString(Take((int)BinaryPrimitives.ReadUInt32BigEndian(Take(4)))),
            0xdd => List((int)BinaryPrimitives.ReadUInt32BigEndian(Take(4))),
            0xdf => Map((int)BinaryPrimitives.ReadUInt32BigEndian(Take(4))),
            _ => throw new InvalidDataException($"unexpected byte {kind:x2}"),
        };
    }

    private Dictionary<string, object> Map(int count)
    {
        var result = new Dictionary<string, object>();
        for (var i = 0; i < count; i++)
        {
            var key = (string)Value();
            result.Add(key, Value());
        }

        return result;
    }

    private List<object> List(int count)
    {
        var result = new List<object>();
        for (var i = 0; i < count; i++)
            result.Add(Value());
        return result;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
