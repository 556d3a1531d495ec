using Weft.Http;

namespace Weft.Proxy.Tracing.XRay;

/// <summary>x-amzn-trace-id: <c>Root=1-SECONDS-ID;Parent=ID;Sampled=1</c>. Source: X-Ray's developer guide.</summary>
internal struct XRayHeader
{
    /// <summary>Of a trace id.</summary>
    public const int TraceIdLength = 35;

    public static readonly HeaderName Name = new("x-amzn-trace-id");

    /// <summary>There is a trace id that can be understood.</summary>
    public bool HasTrace { get; private set; }

    /// <summary>The time and the first 32 bits of the id.</summary>
    public ulong TraceIdHigh { get; private set; }

    public ulong TraceIdLow { get; private set; }

    /// <summary>0: none.</summary>
    public ulong ParentId { get; private set; }

    /// <summary>Null: it is left to whoever reads it.</summary>
    public bool? IsSampled { get; private set; }

    public static XRayHeader Read(ReadOnlySpan<byte> text)
    {
        var header = new XRayHeader();
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)';');
            header.ReadPart((end < 0 ? text : text[..end]).Trim((byte)' '));
            text = end < 0 ? default : text[(end + 1)..];
        }

        return header;
    }

    public static void Write(Span span, HeaderMap headers)
    {
        Span<byte> text = stackalloc byte[5 + TraceIdLength + 8 + HexText.IdDigits + 10];
        "Root="u8.CopyTo(text);
        WriteTraceId(text[5..], span);
        ";Parent="u8.CopyTo(text[(5 + TraceIdLength)..]);
        HexText.Write(text[(13 + TraceIdLength)..], span.Id);
        (span.IsSampled ? ";Sampled=1"u8 : ";Sampled=0"u8).CopyTo(text[(29 + TraceIdLength)..]);
        headers.Set(Name, text);
    }

    /// <summary>As <c>1-58406cf0-a006649127e371903a2de979</c>.</summary>
    public static void WriteTraceId(Span<byte> output, Span span)
    {
        Span<byte> high = stackalloc byte[HexText.IdDigits];
        HexText.Write(high, span.TraceIdHigh);
        "1-"u8.CopyTo(output);
        high[..8].CopyTo(output[2..]);
        output[10] = (byte)'-';
        high[8..].CopyTo(output[11..]);
        HexText.Write(output[19..], span.TraceIdLow);
    }

    private void ReadPart(ReadOnlySpan<byte> part)
    {
        if (StartsWith(part, "root="u8) && part.Length == 5 + TraceIdLength)
            ReadTraceId(part[5..]);
        else if (StartsWith(part, "parent="u8) && HexText.TryParse(part[7..], out var parent))
            ParentId = parent;
        else if (StartsWith(part, "sampled="u8) && part.Length == 9)
            IsSampled = part[8] switch { (byte)'1' => true, (byte)'0' => false, _ => null };
    }

    private void ReadTraceId(ReadOnlySpan<byte> text)
    {
        if (text[0] != '1' || text[1] != '-' || text[10] != '-' || !HexText.TryParse(text[2..10], out var time)
            || !HexText.TryParse(text[11..19], out var middle) || !HexText.TryParse(text[19..], out var low))
            return;
        HasTrace = true;
        (TraceIdHigh, TraceIdLow) = ((time << 32) | middle, low);
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerCase) =>
        text.Length >= lowerCase.Length && System.Text.Ascii.EqualsIgnoreCase(text[..lowerCase.Length], lowerCase);
}
