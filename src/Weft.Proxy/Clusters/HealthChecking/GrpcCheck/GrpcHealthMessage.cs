using System.Buffers.Binary;
using Google.Protobuf;

namespace Weft.Proxy.Clusters.HealthChecking.GrpcCheck;

/// <summary>The two messages of grpc.health.v1.Health/Check, with the five bytes that stand before a message in gRPC.</summary>
internal static class GrpcHealthMessage
{
    private const int PrefixBytes = 5;
    private const int FirstField = 1;
    private const int Serving = 1;

    /// <summary>A HealthCheckRequest for a service; "" asks about the server as a whole.</summary>
    public static byte[] Request(string service)
    {
        var body = new MemoryStream();
        using (var output = new CodedOutputStream(body, leaveOpen: true))
        {
            if (service.Length > 0)
            {
                output.WriteTag(FirstField, WireFormat.WireType.LengthDelimited);
                output.WriteString(service);
            }
        }

        var message = new byte[PrefixBytes + body.Length];
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), (uint)body.Length);
        body.ToArray().CopyTo(message, PrefixBytes);
        return message;
    }

    /// <summary>Whether a response is one whole, uncompressed HealthCheckResponse that says SERVING.</summary>
    public static bool IsServing(ReadOnlySpan<byte> response)
    {
        if (response.Length < PrefixBytes || response[0] != 0 || BinaryPrimitives.ReadUInt32BigEndian(response[1..]) != response.Length - PrefixBytes)
            return false;
        try
        {
            var input = new CodedInputStream(response[PrefixBytes..].ToArray());
            var status = 0;
            while (input.ReadTag() is not 0 and var tag)
            {
                if (tag == WireFormat.MakeTag(FirstField, WireFormat.WireType.Varint))
                    status = input.ReadEnum();
                else
                    input.SkipLastField();
            }

            return status == Serving;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
