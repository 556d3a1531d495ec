using System.Text.Json;

namespace Weft.Observe.Traces.Zipkin;

/// <summary>Zipkin's JSON, version 2: a list of spans.</summary>
internal static class ZipkinJsonReader
{
    /// <exception cref="BadInputException">It is not that; nothing of it is taken.</exception>
    public static IReadOnlyList<SpanRecord> Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonFields.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new BadInputException("expected a list of spans");
        return [.. document.RootElement.EnumerateArray().Select(ReadSpan)];
    }

    public static SpanRecord ReadSpan(JsonElement span) => new()
    {
        TraceId = SpanIds.TraceId(span.Text("traceId")),
        Id = SpanIds.SpanId(span.Text("id"), "id"),
        ParentId = SpanIds.ParentId(span.Text("parentId")),
        Kind = KindOf(span.Text("kind")),
        Name = span.Text("name"),
        TimestampUs = span.Number("timestamp"),
        DurationUs = span.Number("duration"),
        IsShared = span.Flag("shared"),
        IsDebug = span.Flag("debug"),
        Local = Endpoint(span.Field("localEndpoint")),
        Remote = Endpoint(span.Field("remoteEndpoint")),
        Tags = Tags(span.Field("tags")),
        Annotations = [.. span.List("annotations").Select(static annotation => new SpanAnnotation(annotation.Number("timestamp"), annotation.Text("value")))],
    };

    public static SpanEndpoint Endpoint(JsonElement? element)
    {
        if (element is not { } endpoint)
            return SpanEndpoint.Unknown;
        var ip = endpoint.Text("ipv4") is { Length: > 0 } v4 ? v4 : endpoint.Text("ipv6");
        return new SpanEndpoint(endpoint.Text("serviceName").ToLowerInvariant(), ip, (int)Math.Min(endpoint.Number("port"), ushort.MaxValue));
    }

    private static SpanKind KindOf(string kind) => kind switch
    {
        "CLIENT" => SpanKind.Client,
        "SERVER" => SpanKind.Server,
        "PRODUCER" => SpanKind.Producer,
        "CONSUMER" => SpanKind.Consumer,
        "" => SpanKind.None,
        _ => throw new BadInputException($"{kind} is no kind of span"),
    };

    private static List<KeyValuePair<string, string>> Tags(JsonElement? element)
    {
        var tags = new List<KeyValuePair<string, string>>();
        if (element is not { } map)
            return tags;
        if (map.ValueKind != JsonValueKind.Object)
            throw new BadInputException("tags is no object");
        foreach (var tag in map.EnumerateObject())
            tags.Add(new(tag.Name, tag.Value.ValueKind == JsonValueKind.String ? tag.Value.GetString() ?? "" : tag.Value.GetRawText()));
        return tags;
    }
}
