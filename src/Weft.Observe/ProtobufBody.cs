using Google.Protobuf;

namespace Weft.Observe;

/// <summary>Bodies and messages that are protobuf.</summary>
internal static class ProtobufBody
{
    /// <exception cref="BadInputException">It is not such a message; nothing of it is taken.</exception>
    public static T Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> body)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(body);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new BadInputException($"cannot be read as protobuf: {e.Message}");
        }
    }
}
