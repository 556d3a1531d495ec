using Weft.Http.Http2.Frames;
using Weft.Http.Http2.Hpack;

namespace Weft.Http.Http2;

// METADATA frames: names and values beside a stream's message, in header blocks that nothing else depends on, so that a block is judged here and passed on as it is.
public sealed partial class Http2Connection
{
    /// <summary>A longer block is not waited for (Envoy's limit).</summary>
    private const int MaxMetadataBytes = 1024 * 1024;

    internal void WriteMetadata(int streamId, ReadOnlySpan<byte> block)
    {
        if (_failed || !Options.AllowMetadata) return;
        _guard.CountOutbound(MetadataFrames.Write(streamId, block, _output));
    }

    private void ProcessMetadata(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (!Options.AllowMetadata || _streams.Find(frame.StreamId) is not { } stream) return;
        if (!stream.AddMetadata(payload, MaxMetadataBytes))
        {
            Fail(Http2Fault.MetadataTooLarge);
            return;
        }

        if (!frame.Has(FrameFlags.EndMetadata)) return;
        var block = stream.TakeMetadata();
        if (block.IsEmpty)
        {
            Stats.MetadataEmptyFrames.Inc();
            return;
        }

        _collector.Begin(_pool.Fields, isTrailers: false);
        if (!new HpackDecoder(HpackEncoder.DefaultTableSize, _pool.Scratch).Decode(block, _collector)) Fail(Http2Fault.Compression);
        else stream.Handler!.OnMetadata(block);
    }
}
