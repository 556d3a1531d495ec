using System.Text;
using Google.Protobuf;

namespace Weft.Observe;

/// <summary>Bodies and messages of protobuf.</summary>
internal static class ProtobufBody
{
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true).WithRecursionLimit(32));

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

    /// <summary>
    /// The same in protobuf's JSON. OpenTelemetry writes identifiers in hexadecimal there, not in base 64: they are read without complaint, and are not what was
    /// meant. Logs and metrics make no use of them.
    /// </summary>
    /// <exception cref="BadInputException">It is not such a message; nothing of it is taken.</exception>
    public static T ParseJson<T>(ReadOnlySpan<byte> body)
        where T : IMessage, new()
    {
        try
        {
            return Json.Parse<T>(Encoding.UTF8.GetString(body));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or FormatException)
        {
            throw new BadInputException($"cannot be read as JSON: {e.Message}");
        }
    }
}
