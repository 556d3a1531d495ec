using System.Buffers.Binary;
using Weft.Base.Buffers;

namespace Weft.Http.Http2.Frames;

/// <summary>Writes the frames of a fixed form into an output queue.</summary>
internal static class ControlFrames
{
    /// <summary>The first thing that a client sends (RFC 9113 section 3.4).</summary>
    public static ReadOnlySpan<byte> ClientPreface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public const int SettingBytes = 6;
    public const int PingBytes = 8;

    /// <summary>RFC 9113 section 6.5.</summary>
    public static void WriteSettings(ReadOnlySpan<(SettingId Id, uint Value)> settings, ByteQueue output)
    {
        var span = Begin(output, settings.Length * SettingBytes, FrameType.Settings, FrameFlags.None, 0);
        foreach (var (id, value) in settings)
        {
            BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)id);
            BinaryPrimitives.WriteUInt32BigEndian(span[2..], value);
            span = span[SettingBytes..];
        }

        End(output, settings.Length * SettingBytes);
    }

    public static void WriteSettingsAck(ByteQueue output)
    {
        Begin(output, 0, FrameType.Settings, FrameFlags.Ack, 0);
        End(output, 0);
    }

    /// <summary>RFC 9113 section 6.7.</summary>
    public static void WritePing(ulong opaque, bool ack, ByteQueue output)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Begin(output, PingBytes, FrameType.Ping, ack ? FrameFlags.Ack : FrameFlags.None, 0), opaque);
        End(output, PingBytes);
    }

    /// <summary>RFC 9113 section 6.8.</summary>
    public static void WriteGoAway(int lastStreamId, Http2ErrorCode code, ByteQueue output)
    {
        var span = Begin(output, 8, FrameType.GoAway, FrameFlags.None, 0);
        BinaryPrimitives.WriteInt32BigEndian(span, lastStreamId);
        BinaryPrimitives.WriteUInt32BigEndian(span[4..], (uint)code);
        End(output, 8);
    }

    /// <summary>RFC 9113 section 6.4.</summary>
    public static void WriteResetStream(int streamId, Http2ErrorCode code, ByteQueue output)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Begin(output, 4, FrameType.ResetStream, FrameFlags.None, streamId), (uint)code);
        End(output, 4);
    }

    /// <summary>RFC 9113 section 6.9.</summary>
    public static void WriteWindowUpdate(int streamId, int increment, ByteQueue output)
    {
        BinaryPrimitives.WriteInt32BigEndian(Begin(output, 4, FrameType.WindowUpdate, FrameFlags.None, streamId), increment);
        End(output, 4);
    }

    private static Span<byte> Begin(ByteQueue output, int length, FrameType type, FrameFlags flags, int streamId)
    {
        var span = output.GetSpan(FrameHeader.Bytes + length);
        FrameHeader.Write(span, length, type, flags, streamId);
        return span[FrameHeader.Bytes..];
    }

    private static void End(ByteQueue output, int length) => output.Advance(FrameHeader.Bytes + length);
}
