using Weft.Base.Buffers;

namespace Weft.Http.Http2.Frames;

/// <summary>Writes DATA frames (RFC 9113 section 6.1), never padded.</summary>
internal static class DataFrames
{
    /// <summary>Writes one frame; the payload may be larger than a block of the queue.</summary>
    public static void Write(int streamId, ReadOnlySpan<byte> payload, bool endStream, ByteQueue output)
    {
        var flags = endStream ? FrameFlags.EndStream : FrameFlags.None;
        FrameHeader.Write(output.GetSpan(FrameHeader.Bytes), payload.Length, FrameType.Data, flags, streamId);
        output.Advance(FrameHeader.Bytes);
        output.Append(payload);
    }
}
