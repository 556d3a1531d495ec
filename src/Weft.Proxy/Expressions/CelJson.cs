using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Proxy.Expressions.Functions;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Expressions;

/// <summary>Values as JSON of their own types, as protobuf has it: bytes in base64, integers that a double cannot hold as strings.</summary>
internal static class CelJson
{
    private const long MaxExact = 1L << 53;
    private const int MaxTimeBytes = 64;

    /// <summary>Lists within lists.</summary>
    private const int MaxDepth = 32;

    /// <summary>False, with nothing appended, for what has no JSON.</summary>
    public static bool TryWrite(in CelContext context, in CelValue value, ByteWriter output, int depth = 0)
    {
        switch (value.Kind)
        {
            case CelKind.Null:
                output.Write("null"u8);
                return true;
            case CelKind.Bool:
                output.Write(value.IsTrue ? "true"u8 : "false"u8);
                return true;
            case CelKind.Int:
                WriteInteger(value.AsInt is >= -MaxExact and <= MaxExact, value.AsInt, output);
                return true;
            case CelKind.Uint:
                WriteInteger(value.AsUint <= MaxExact, value.AsUint, output);
                return true;
            case CelKind.Double:
                if (double.IsFinite(value.AsDouble))
                    CelPrinter.Write(value.AsDouble, "", output);
                else
                    output.Write(double.IsNaN(value.AsDouble) ? "\"NaN\""u8 : value.AsDouble > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);
                return true;
            case CelKind.String:
                JsonText.WriteString(output, value.Text);
                return true;
            case CelKind.Bytes:
                WriteBase64(value.Text, output);
                return true;
            case CelKind.Duration or CelKind.Timestamp:
                WriteTime(value, output);
                return true;
            case CelKind.List when depth < MaxDepth:
                return TryWriteList(context, value.AsList, output, depth);
            case CelKind.Map when depth < MaxDepth:
                return TryWriteMap(context, value.AsMap, output, depth);
            default:
                return false;
        }
    }

    private static void WriteInteger<T>(bool isExact, T number, ByteWriter output)
        where T : IUtf8SpanFormattable
    {
        if (!isExact)
            output.Write((byte)'"');
        CelPrinter.Write(number, "", output);
        if (!isExact)
            output.Write((byte)'"');
    }

    private static void WriteBase64(ReadOnlySpan<byte> bytes, ByteWriter output)
    {
        output.Write((byte)'"');
        Base64.EncodeToUtf8(bytes, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var written);
        output.Advance(written);
        output.Write((byte)'"');
    }

    private static void WriteTime(in CelValue value, ByteWriter output)
    {
        output.Write((byte)'"');
        var room = output.GetSpan(MaxTimeBytes);
        output.Advance(value.Kind == CelKind.Duration ? CelTimes.FormatSeconds(value, room) : CelTimes.FormatTimestamp(value, room, "Z"u8));
        output.Write((byte)'"');
    }

    private static bool TryWriteList(in CelContext context, CelList list, ByteWriter output, int depth)
    {
        var start = output.Length;
        output.Write((byte)'[');
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0)
                output.Write((byte)',');
            if (TryWrite(context, list.At(context, i), output, depth + 1))
                continue;
            output.Truncate(start);
            return false;
        }

        output.Write((byte)']');
        return true;
    }

    private static bool TryWriteMap(in CelContext context, CelMap map, ByteWriter output, int depth)
    {
        var start = output.Length;
        output.Write((byte)'{');
        foreach (var key in map.Keys(context))
        {
            if (output.Length > start + 1)
                output.Write((byte)',');
            var text = CelConversions.ToText(context, key);
            if (!text.IsError)
            {
                JsonText.WriteString(output, text.Text);
                output.Write((byte)':');
                if (TryWrite(context, map.Find(context, key), output, depth + 1))
                    continue;
            }

            output.Truncate(start);
            return false;
        }

        output.Write((byte)'}');
        return true;
    }
}
