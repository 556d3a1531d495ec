using Weft.Base.Buffers;
using Weft.Http.Http2.Hpack;

namespace Weft.Http.Http2.Frames;

/// <summary>Writes heads and trailers as HEADERS and CONTINUATION frames (RFC 9113 sections 6.2 and 6.10); a small one straight into the output.</summary>
internal static class HeaderFrames
{
    /// <summary>A head that cannot grow beyond this is encoded where it is sent.</summary>
    private const int DirectBytes = 8 * 1024;

    /// <param name="scratch">For large heads.</param>
    /// <param name="maxFrameLength">The peer's SETTINGS_MAX_FRAME_SIZE.</param>
    /// <returns>Frames written.</returns>
    public static int Write(int streamId, HeaderMap headers, bool endStream, HpackEncoder encoder, int maxFrameLength, ByteWriter scratch, ByteQueue output)
    {
        var bound = Bound(headers);
        if (bound <= DirectBytes)
        {
            var span = output.GetSpan(FrameHeader.Bytes + bound);
            var length = Encode(headers, encoder, span[FrameHeader.Bytes..]);
            FrameHeader.Write(span, length, FrameType.Headers, FrameFlags.EndHeaders | End(endStream), streamId);
            output.Advance(FrameHeader.Bytes + length);
            return 1;
        }

        scratch.Clear();
        var block = scratch.GetSpan(bound);
        return WriteBlock(streamId, block[..Encode(headers, encoder, block)], endStream, maxFrameLength, output);
    }

    private static FrameFlags End(bool endStream) => endStream ? FrameFlags.EndStream : FrameFlags.None;

    private static int WriteBlock(int streamId, ReadOnlySpan<byte> block, bool endStream, int maxFrameLength, ByteQueue output)
    {
        var frames = 0;
        do
        {
            var length = Math.Min(block.Length, maxFrameLength);
            var flags = length == block.Length ? FrameFlags.EndHeaders : FrameFlags.None;
            var type = frames == 0 ? FrameType.Headers : FrameType.Continuation;
            if (frames++ == 0) flags |= End(endStream);
            FrameHeader.Write(output.GetSpan(FrameHeader.Bytes), length, type, flags, streamId);
            output.Advance(FrameHeader.Bytes);
            output.Append(block[..length]);
            block = block[length..];
        }
        while (!block.IsEmpty);
        return frames;
    }

    /// <summary>Bytes that the block takes at most.</summary>
    private static int Bound(HeaderMap headers) => HpackEncoder.BlockOverhead + headers.ByteSize + headers.Count * HpackEncoder.FieldOverhead;

    /// <summary>Pseudo-headers first (RFC 9113 section 8.3), and nothing that concerns a connection only (section 8.2.2).</summary>
    private static int Encode(HeaderMap headers, HpackEncoder encoder, Span<byte> output)
    {
        var written = encoder.WriteBlockStart(output);
        var entries = headers.Entries;
        for (var i = 0; i < entries.Length; i++)
            if (entries[i].IsPseudo) written += encoder.WriteField(output[written..], entries[i].Known, headers.NameAt(i), headers.ValueAt(i));
        for (var i = 0; i < entries.Length; i++)
            if (!entries[i].IsPseudo && IsWritten(entries[i].Known, headers))
                written += encoder.WriteField(output[written..], entries[i].Known, headers.NameAt(i), Trimmed(headers.ValueAt(i)));
        return written;
    }

    /// <summary>A formatted value whose last operator came out empty ends with a space, which no field may have (RFC 9113 section 8.2.1); HTTP/1 peers drop it.</summary>
    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> value) =>
        !value.IsEmpty && (value[0] is (byte)' ' or (byte)'\t' || value[^1] is (byte)' ' or (byte)'\t') ? value.Trim(" \t"u8) : value;

    private static bool IsWritten(KnownHeader known, HeaderMap headers) => known switch
    {
        KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.ProxyConnection or KnownHeader.TransferEncoding or KnownHeader.Upgrade
            or KnownHeader.Http2Settings => false,
        KnownHeader.Host => !headers.HasOwn(KnownHeader.Authority),
        _ => true,
    };
}
