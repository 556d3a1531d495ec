using System.Buffers.Text;

namespace Weft.Http;

/// <summary>The <c>grpc-timeout</c> header: up to eight digits and a unit (gRPC over HTTP/2).</summary>
public static class GrpcTimeout
{
    private const long MaxValue = 99_999_999;

    /// <summary>The time in milliseconds, rounded up; null when the header is absent or no timeout.</summary>
    public static long? ReadMs(HeaderMap headers)
    {
        var text = headers.Get(KnownHeader.GrpcTimeout);
        if (text.Length < 2 || !Utf8Parser.TryParse(text, out uint value, out var used) || used != text.Length - 1 || used > 8)
            return null;
        return text[^1] switch
        {
            (byte)'H' => value * 3_600_000L,
            (byte)'M' => value * 60_000L,
            (byte)'S' => value * 1000L,
            (byte)'m' => value,
            (byte)'u' => (value + 999L) / 1000,
            (byte)'n' => (value + 999_999L) / 1_000_000,
            _ => null,
        };
    }

    /// <summary>Sets the header in the finest unit, from milliseconds on, that eight digits can hold.</summary>
    public static void Write(HeaderMap headers, long timeoutMs)
    {
        var (value, unit) = (timeoutMs, (byte)'m');
        if (value > MaxValue)
            (value, unit) = (timeoutMs / 1000, (byte)'S');
        if (value > MaxValue)
            (value, unit) = (timeoutMs / 60_000, (byte)'M');
        if (value > MaxValue)
            (value, unit) = (Math.Min(timeoutMs / 3_600_000, MaxValue), (byte)'H');
        Span<byte> text = stackalloc byte[12];
        Utf8Formatter.TryFormat(value, text, out var length);
        text[length] = unit;
        headers.Set(KnownHeader.GrpcTimeout, text[..(length + 1)]);
    }
}
