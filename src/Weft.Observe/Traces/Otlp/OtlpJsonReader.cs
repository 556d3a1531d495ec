using System.Text.Json;

namespace Weft.Observe.Traces.Otlp;

/// <summary>OpenTelemetry's spans in its own JSON: as protobuf's, but for identifiers, which are hexadecimal, and enums, which are numbers.</summary>
internal static class OtlpJsonReader
{
    private const long NanosPerMicro = 1000;

    /// <exception cref="BadInputException">It is not that; nothing of it is taken.</exception>
    public static IReadOnlyList<SpanRecord> Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonFields.Parse(body);
        var spans = new List<SpanRecord>();
        foreach (var resource in document.RootElement.List("resourceSpans"))
        {
            var attributes = resource.Field("resource") is { } about ? Attributes(about) : [];
            foreach (var scope in resource.List("scopeSpans"))
                spans.AddRange(scope.List("spans").Select(span => Map(span).ToRecord(attributes)));
        }

        return spans;
    }

    private static OtlpSpan Map(JsonElement span) => new()
    {
        TraceId = SpanIds.TraceId(span.Text("traceId")),
        Id = SpanIds.SpanId(span.Text("spanId"), "spanId"),
        ParentId = SpanIds.ParentId(span.Text("parentSpanId")),
        Name = span.Text("name"),
        Kind = (int)span.Number("kind"),
        StartUs = span.Number("startTimeUnixNano") / NanosPerMicro,
        EndUs = span.Number("endTimeUnixNano") / NanosPerMicro,
        Status = span.Field("status") is { } status ? (int)status.Number("code") : 0,
        StatusText = span.Field("status") is { } told ? told.Text("message") : "",
        Attributes = Attributes(span),
        Events = [.. span.List("events").Select(static happened => new SpanAnnotation(happened.Number("timeUnixNano") / NanosPerMicro, happened.Text("name")))],
    };

    private static List<KeyValuePair<string, string>> Attributes(JsonElement element) =>
        [.. element.List("attributes").Select(static attribute => new KeyValuePair<string, string>(attribute.Text("key"), Value(attribute.Field("value"))))];

    private static string Value(JsonElement? any)
    {
        if (any is not { ValueKind: JsonValueKind.Object } value)
            return "";
        foreach (var member in value.EnumerateObject())
            return member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() ?? "" : member.Value.GetRawText();
        return "";
    }
}
