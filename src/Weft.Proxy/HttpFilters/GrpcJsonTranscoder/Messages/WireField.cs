using System.Buffers.Binary;
using Google.Protobuf.Reflection;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>One field of a message as it stands on the wire.</summary>
/// <param name="Order">The place of its declaration.</param>
/// <param name="Tag">Its number and wire type; 0: it is not there.</param>
/// <param name="Number">Its value, if it is a number.</param>
/// <param name="Start">Where its bytes begin, if it has any.</param>
internal readonly record struct WireField(int Order, uint Tag, ulong Number, int Start, int Length)
{
    /// <summary>By declaration, then as they came.</summary>
    public static readonly IComparer<WireField> ByDeclaration = Comparer<WireField>.Create(static (a, b) => a.Order != b.Order ? a.Order.CompareTo(b.Order) : a.Sequence.CompareTo(b.Sequence));

    /// <summary>The how-manieth of the message it is.</summary>
    public int Sequence { get; private init; }

    public int WireType => (int)(Tag & 7);

    public bool IsBytes => WireType == WireFormat.Bytes && Tag != 0;

    public ReadOnlySpan<byte> BytesOf(ReadOnlySpan<byte> message) => message.Slice(Start, Length);

    /// <summary>Adds the fields of a message that its type knows; false when it cannot be read.</summary>
    public static bool TryReadAll(MessageDescriptor type, ReadOnlySpan<byte> message, List<WireField> fields)
    {
        var sequence = 0;
        for (var at = 0; at < message.Length;)
        {
            if (!TryReadField(message, ref at, out var field)) return false;
            if (type.FindFieldByNumber((int)(field.Tag >> 3)) is { } known) fields.Add(field with { Order = known.Index, Sequence = sequence++ });
        }

        return true;
    }

    /// <summary>The last field of a number; its tag is 0 when there is none. False when the message cannot be read.</summary>
    public static bool TryFind(ReadOnlySpan<byte> message, int number, out WireField found)
    {
        found = default;
        for (var at = 0; at < message.Length;)
        {
            if (!TryReadField(message, ref at, out var field)) return false;
            if (field.Tag >> 3 == (uint)number) found = field;
        }

        return true;
    }

    /// <summary>Reads a value of a wire type.</summary>
    public static bool TryReadValue(int wireType, ReadOnlySpan<byte> data, ref int at, out WireField value)
    {
        value = default;
        var tag = 8u | (uint)wireType;
        switch (wireType)
        {
            case WireFormat.Varint:
                if (!WireFormat.TryReadVarint(data, ref at, out var number)) return false;
                value = new WireField(0, tag, number, 0, 0);
                return true;
            case WireFormat.Fixed64:
                if (data.Length - at < 8) return false;
                value = new WireField(0, tag, BinaryPrimitives.ReadUInt64LittleEndian(data[at..]), 0, 0);
                at += 8;
                return true;
            case WireFormat.Fixed32:
                if (data.Length - at < 4) return false;
                value = new WireField(0, tag, BinaryPrimitives.ReadUInt32LittleEndian(data[at..]), 0, 0);
                at += 4;
                return true;
            case WireFormat.Bytes:
                if (!WireFormat.TryReadVarint(data, ref at, out var length) || length > (ulong)(data.Length - at)) return false;
                value = new WireField(0, tag, 0, at, (int)length);
                at += (int)length;
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadField(ReadOnlySpan<byte> message, ref int at, out WireField field)
    {
        field = default;
        if (!WireFormat.TryReadVarint(message, ref at, out var tag) || tag > uint.MaxValue || tag >> 3 == 0) return false;
        if (!TryReadValue((int)tag & 7, message, ref at, out field)) return false;
        field = field with { Tag = (uint)tag };
        return true;
    }
}
