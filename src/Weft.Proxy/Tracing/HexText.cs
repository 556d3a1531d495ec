using System.Buffers.Text;
using System.Globalization;
using Weft.Base.Buffers;

namespace Weft.Proxy.Tracing;

/// <summary>Ids as lower-case hexadecimal digits.</summary>
internal static class HexText
{
    public const int IdDigits = 16;

    /// <summary>Sixteen digits.</summary>
    public static void Write(Span<byte> output, ulong id) => id.TryFormat(output, out _, "x16", CultureInfo.InvariantCulture);

    public static void Write(ByteWriter output, ulong id)
    {
        Write(output.GetSpan(IdDigits), id);
        output.Advance(IdDigits);
    }

    /// <summary>A trace id: 16 digits, or 32 when it has 128 bits.</summary>
    public static void WriteTraceId(ByteWriter output, Span span)
    {
        if (span.TraceIdHigh != 0)
            Write(output, span.TraceIdHigh);
        Write(output, span.TraceIdLow);
    }

    /// <summary>One to sixteen digits, and nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ulong id) =>
        Utf8Parser.TryParse(text, out id, out var length, 'x') && length == text.Length && length <= IdDigits;
}
