using System.Buffers.Text;
using System.Globalization;
using Weft.Base.Buffers;

namespace Weft.Proxy.Stats;

/// <summary>Numbers as Envoy prints them.</summary>
internal static class StatsNumbers
{
    public static void Write(this ByteWriter output, ulong value)
    {
        Utf8Formatter.TryFormat(value, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    /// <summary>The fewest digits that give the number back; <c>nan</c> for none.</summary>
    public static void WriteShortest(ByteWriter output, double value)
    {
        if (double.IsNaN(value))
            output.Write("nan"u8);
        else if (Math.Abs(value) is >= 1e15 and < 1e16)
            output.Write((long)value);
        else
            WriteFormatted(output, value, "r");
    }

    /// <summary>Six significant digits, with an exponent when there are more before the point (printf's %g): 1.8e+06.</summary>
    public static void WriteGeneral(ByteWriter output, double value) => WriteFormatted(output, value, "g6");

    /// <summary>Fifteen significant digits (printf's %.15g).</summary>
    public static void WritePrecise(ByteWriter output, double value) => WriteFormatted(output, value, "g15");

    /// <summary>All digits up to 32, for Prometheus, which shall see no exponent.</summary>
    public static void WriteExact(ByteWriter output, double value)
    {
        if (double.IsNaN(value))
            output.Write("nan"u8);
        else
            WriteFormatted(output, value, "g32");
    }

    private static void WriteFormatted(ByteWriter output, double value, string format)
    {
        value.TryFormat(output.GetSpan(64), out var written, format, CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}
