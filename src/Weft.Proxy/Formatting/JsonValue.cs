using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting;

/// <summary>Writes a protobuf Value as JSON, keys in order. Allocates for structures; texts, numbers and truth values of metadata cost nothing.</summary>
internal static class JsonValue
{
    public static void Write(ByteWriter output, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.NumberValue:
                WriteNumber(output, value.NumberValue);
                break;
            case Value.KindOneofCase.StringValue:
                JsonText.WriteString(output, value.StringValue);
                break;
            case Value.KindOneofCase.BoolValue:
                output.Write(value.BoolValue ? "true"u8 : "false"u8);
                break;
            case Value.KindOneofCase.StructValue:
                WriteStruct(output, value.StructValue);
                break;
            case Value.KindOneofCase.ListValue:
                WriteList(output, value.ListValue);
                break;
            default:
                output.Write("null"u8);
                break;
        }
    }

    private static void WriteStruct(ByteWriter output, Struct fields)
    {
        var separator = (byte)'{';
        foreach (var (key, value) in fields.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            output.Write(separator);
            separator = (byte)',';
            JsonText.WriteString(output, key);
            output.Write((byte)':');
            Write(output, value);
        }

        output.Write(separator == '{' ? "{}"u8 : "}"u8);
    }

    private static void WriteList(ByteWriter output, ListValue list)
    {
        var separator = (byte)'[';
        foreach (var value in list.Values)
        {
            output.Write(separator);
            separator = (byte)',';
            Write(output, value);
        }

        output.Write(separator == '[' ? "[]"u8 : "]"u8);
    }

    /// <summary>Whole numbers without a fraction, NaN as null.</summary>
    private static void WriteNumber(ByteWriter output, double number)
    {
        if (double.IsNaN(number))
            output.Write("null"u8);
        else if (Math.Abs(number) < 1e15 && number == Math.Floor(number))
            output.Write((long)number);
        else
            output.Write(number.ToString("r", CultureInfo.InvariantCulture));
    }
}
