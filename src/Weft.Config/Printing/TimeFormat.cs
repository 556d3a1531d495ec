using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Config.Printing;

/// <summary>Durations and points in time as the protobuf JSON mapping writes them: no fraction, or 3, 6 or 9 digits of it.</summary>
internal static class TimeFormat
{
    internal static string Duration(Duration value)
    {
        var sign = value.Seconds < 0 || value.Nanos < 0 ? "-" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(value.Seconds)}{Fraction(Math.Abs(value.Nanos))}s");
    }

    internal static string Timestamp(Timestamp value)
    {
        var time = DateTime.UnixEpoch.AddSeconds(value.Seconds);
        return string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ss}{Fraction(value.Nanos)}Z");
    }

    private static string Fraction(int nanos)
    {
        if (nanos == 0) return "";
        if (nanos % 1_000_000 == 0) return string.Create(CultureInfo.InvariantCulture, $".{nanos / 1_000_000:000}");
        return nanos % 1000 == 0
            ? string.Create(CultureInfo.InvariantCulture, $".{nanos / 1000:000000}")
            : string.Create(CultureInfo.InvariantCulture, $".{nanos:000000000}");
    }
}
