using System.Buffers.Binary;

namespace Weft.Http.Http2.Frames;

/// <summary>The nine bytes in front of every frame (RFC 9113 section 4.1).</summary>
internal readonly record struct FrameHeader(int Length, FrameType Type, FrameFlags Flags, int StreamId)
{
    public const int Bytes = 9;

    /// <summary>SETTINGS_MAX_FRAME_SIZE at the start, its least value, and all that this side ever accepts.</summary>
    public const int DefaultMaxLength = 16 * 1024;

    /// <summary>The greatest SETTINGS_MAX_FRAME_SIZE there is.</summary>
    public const int GreatestMaxLength = (1 << 24) - 1;

    public bool Has(FrameFlags flag) => (Flags & flag) != 0;

    public static FrameHeader Read(ReadOnlySpan<byte> bytes) => new(
        (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes) >> 8),
        (FrameType)bytes[3],
        (FrameFlags)bytes[4],
        BinaryPrimitives.ReadInt32BigEndian(bytes[5..]) & int.MaxValue);

    public static void Write(Span<byte> output, int length, FrameType type, FrameFlags flags, int streamId)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output, (uint)length << 8 | (uint)type);
        output[4] = (byte)flags;
        BinaryPrimitives.WriteInt32BigEndian(output[5..], streamId);
    }
}
