namespace Weft.Http.Http2.Frames;

/// <summary>Takes padding and priority off payloads.</summary>
internal static class FramePayload
{
    public const int PriorityBytes = 5;

    /// <summary>The part of a HEADERS payload that is header block; false when padding or priority do not fit.</summary>
    public static bool TryReadHeaderBlock(in FrameHeader frame, ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> block)
    {
        block = default;
        var padding = 0;
        if (frame.Has(FrameFlags.Padded))
        {
            if (payload.IsEmpty) return false;
            padding = payload[0];
            payload = payload[1..];
        }

        // Priorities are deprecated (RFC 9113 section 5.3.2): they are skipped.
        if (frame.Has(FrameFlags.Priority))
        {
            if (payload.Length < PriorityBytes) return false;
            payload = payload[PriorityBytes..];
        }

        if (padding > payload.Length) return false;
        block = payload[..^padding];
        return true;
    }
}
