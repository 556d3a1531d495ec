using System.Globalization;
using System.Text.Json;

namespace Weft.Observe;

/// <summary>Fields of JSON that others have written: absent is allowed, of another kind is not.</summary>
internal static class JsonFields
{
    /// <summary>Deeper than any span or configuration: what is nested further is refused before it costs anything.</summary>
    public static JsonDocumentOptions Options { get; } = new() { MaxDepth = 100 };

    /// <summary>Reads a document.</summary>
    /// <exception cref="BadInputException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException e)
        {
            throw new BadInputException($"cannot be read as JSON: {e.Message}");
        }
    }

    public static string Text(this JsonElement element, string name) => element.Field(name) switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } value => value.GetString() ?? "",
        _ => throw new BadInputException($"{name} is no string"),
    };

    /// <summary>A whole number, which may stand in quotes as protobuf's JSON has it; 0 when it is absent.</summary>
    public static long Number(this JsonElement element, string name)
    {
        if (element.Field(name) is not { } value)
            return 0;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is >= 0 and < 9.2e18)
            return value.TryGetInt64(out var whole) ? whole : (long)number;
        if (value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            return parsed;
        throw new BadInputException($"{name} is no whole number");
    }

    /// <summary>A number with a fraction; 0 when it is absent or none.</summary>
    public static double Fraction(this JsonElement element, string name) => element.Field(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) ? number : 0;

    public static bool Flag(this JsonElement element, string name) => element.Field(name) is { ValueKind: JsonValueKind.True };

    public static IEnumerable<JsonElement> List(this JsonElement element, string name) => element.Field(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value => value.EnumerateArray(),
        _ => throw new BadInputException($"{name} is no list"),
    };

    /// <summary>A field; null when it is absent or null.</summary>
    /// <exception cref="BadInputException">The element is no object.</exception>
    public static JsonElement? Field(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new BadInputException("expected an object");
        return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
