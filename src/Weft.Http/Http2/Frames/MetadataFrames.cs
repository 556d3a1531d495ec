using Weft.Base.Buffers;

namespace Weft.Http.Http2.Frames;

/// <summary>Writes a block of metadata as METADATA frames, an extension of HTTP/2 that Envoy speaks.</summary>
internal static class MetadataFrames
{
    /// <returns>Frames written.</returns>
    public static int Write(int streamId, ReadOnlySpan<byte> block, ByteQueue output)
    {
        var frames = 0;
        do
        {
            var length = Math.Min(block.Length, FrameHeader.DefaultMaxLength);
            var flags = length == block.Length ? FrameFlags.EndMetadata : FrameFlags.None;
            FrameHeader.Write(output.GetSpan(FrameHeader.Bytes), length, FrameType.Metadata, flags, streamId);
            output.Advance(FrameHeader.Bytes);
            output.Append(block[..length]);
            block = block[length..];
            frames++;
        }
        while (!block.IsEmpty);
        return frames;
    }
}
