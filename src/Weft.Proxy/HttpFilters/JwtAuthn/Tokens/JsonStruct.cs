using System.Text.Json;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

/// <summary>JSON objects as the messages that metadata is made of.</summary>
internal static class JsonStruct
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 64 };

    /// <summary>The object; null when the text is no JSON object.</summary>
    public static Struct? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, s_options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            var result = ReadObject(ref reader);
            return reader.Read() ? null : result;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no UTF-8.
            return null;
        }
    }

    private static Struct ReadObject(ref Utf8JsonReader reader)
    {
        var result = new Struct();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            result.Fields[name] = ReadValue(ref reader);
        }

        return result;
    }

    private static Value ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Value.ForStruct(ReadObject(ref reader));
            case JsonTokenType.StartArray:
                var list = new ListValue();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Values.Add(ReadValue(ref reader));
                return new Value { ListValue = list };
            case JsonTokenType.String:
                return Value.ForString(reader.GetString());
            case JsonTokenType.Number:
                return Value.ForNumber(reader.GetDouble());
            case JsonTokenType.True or JsonTokenType.False:
                return Value.ForBool(reader.GetBoolean());
            default:
                return Value.ForNull();
        }
    }
}
