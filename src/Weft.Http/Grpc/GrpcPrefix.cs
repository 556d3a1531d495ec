using System.Buffers.Binary;

namespace Weft.Http.Grpc;

/// <summary>What stands before each message of a gRPC body: a byte of flags, four of length.</summary>
public static class GrpcPrefix
{
    public const int Bytes = 5;

    /// <summary>The flag of gRPC-Web by which a frame holds trailers.</summary>
    public const byte TrailersFlag = 0x80;

    public static void Write(Span<byte> output, byte flags, int length)
    {
        output[0] = flags;
        BinaryPrimitives.WriteInt32BigEndian(output[1..], length);
    }

    /// <summary>The whole length of the frame that begins here, its header included; -1 while the header is not complete.</summary>
    public static long LengthOf(ReadOnlySpan<byte> frame) =>
        frame.Length < Bytes ? -1 : Bytes + (long)BinaryPrimitives.ReadUInt32BigEndian(frame[1..]);
}
