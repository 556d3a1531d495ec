using System.Globalization;
using Weft.Base.Buffers;
using Weft.Proxy.Expressions.Functions;

namespace Weft.Proxy.Expressions;

/// <summary>Values as Envoy prints them into texts.</summary>
internal static class CelPrinter
{
    private const int MaxTimeBytes = 64;

    public static bool TryWrite(in CelValue value, ByteWriter output)
    {
        switch (value.Kind)
        {
            case CelKind.Error:
                return false;
            case CelKind.Null:
                output.Write("NULL"u8);
                break;
            case CelKind.Bool:
                output.Write(value.IsTrue ? "true"u8 : "false"u8);
                break;
            case CelKind.Int:
                output.Write(value.AsInt);
                break;
            case CelKind.Uint:
                Write(value.AsUint, "", output);
                break;
            case CelKind.Double:
                Write(value.AsDouble, "G6", output);
                break;
            case CelKind.String or CelKind.Bytes:
                output.Write(value.Text);
                break;
            case CelKind.Duration:
                output.Advance(CelDurationText.Format(value, output.GetSpan(MaxTimeBytes)));
                break;
            case CelKind.Timestamp:
                output.Advance(CelTimes.FormatTimestamp(value, output.GetSpan(MaxTimeBytes), "+00:00"u8));
                break;
            default:
                output.Write(value.Kind switch { CelKind.List => "CelList value"u8, CelKind.Map => "CelMap value"u8, _ => "CelType value"u8 });
                break;
        }

        return true;
    }

    /// <summary>A number in the invariant culture.</summary>
    public static void Write<T>(T number, string format, ByteWriter output)
        where T : IUtf8SpanFormattable
    {
        number.TryFormat(output.GetSpan(MaxTimeBytes), out var length, format, CultureInfo.InvariantCulture);
        output.Advance(length);
    }
}
