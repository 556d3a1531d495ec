using System.Text.Json;

namespace Weft.Observe.Traces.Zipkin;

/// <summary>
/// Zipkin's JSON, version 1, which old proxies send: what a span is follows from its annotations (<c>cs</c> and <c>cr</c>, <c>sr</c> and <c>ss</c>). A span
/// with both sides becomes two.
/// </summary>
internal static class ZipkinV1Reader
{
    /// <exception cref="BadInputException">It is not that; nothing of it is taken.</exception>
    public static IReadOnlyList<SpanRecord> Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonFields.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new BadInputException("expected a list of spans");
        return [.. document.RootElement.EnumerateArray().SelectMany(ReadSpan)];
    }

    private static IEnumerable<SpanRecord> ReadSpan(JsonElement span)
    {
        var annotations = span.List("annotations").Select(static annotation =>
            (Time: annotation.Number("timestamp"), Value: annotation.Text("value"), Endpoint: ZipkinJsonReader.Endpoint(annotation.Field("endpoint")))).ToList();
        var binary = span.List("binaryAnnotations").Select(static annotation =>
            (Key: annotation.Text("key"), Value: ValueOf(annotation), Endpoint: ZipkinJsonReader.Endpoint(annotation.Field("endpoint")))).ToList();
        var whole = new SpanRecord
        {
            TraceId = SpanIds.TraceId(span.Text("traceId")),
            Id = SpanIds.SpanId(span.Text("id"), "id"),
            ParentId = SpanIds.ParentId(span.Text("parentId")),
            Name = span.Text("name"),
            TimestampUs = span.Number("timestamp"),
            DurationUs = span.Number("duration"),
            IsDebug = span.Flag("debug"),
            Tags = [.. binary.Where(static tag => tag.Key is not ("ca" or "sa" or "ma")).Select(static tag => new KeyValuePair<string, string>(tag.Key, tag.Value))],
            Annotations = [.. annotations.Where(static annotation => !IsCore(annotation.Value)).Select(static annotation => new SpanAnnotation(annotation.Time, annotation.Value))],
            Local = annotations.Select(static annotation => annotation.Endpoint).Concat(binary.Select(static tag => tag.Endpoint)).FirstOrDefault(static endpoint => !endpoint.IsUnknown) ?? SpanEndpoint.Unknown,
        };
        SpanEndpoint Far(string key) => binary.FirstOrDefault(tag => tag.Key == key).Endpoint ?? SpanEndpoint.Unknown;
        SpanRecord? Side(SpanKind kind, string from, string to, string far)
        {
            var (start, end) = (annotations.FirstOrDefault(annotation => annotation.Value == from), annotations.FirstOrDefault(annotation => annotation.Value == to));
            if (start.Endpoint is null && end.Endpoint is null)
                return null;
            var duration = start.Time > 0 && end.Time > start.Time ? end.Time - start.Time : whole.DurationUs;
            return whole with
            {
                Kind = kind,
                TimestampUs = start.Time > 0 ? start.Time : whole.TimestampUs,
                DurationUs = duration,
                Local = (start.Endpoint ?? end.Endpoint)!,
                Remote = Far(far),
            };
        }

        var client = Side(SpanKind.Client, "cs", "cr", "sa");
        var server = Side(SpanKind.Server, "sr", "ss", "ca");
        if (client is null && server is null)
            return [whole with { Remote = Far("sa") }];
        if (client is not null && server is not null)
            server = server with { IsShared = true };
        return new[] { client, server }.OfType<SpanRecord>();
    }

    private static bool IsCore(string value) => value is "cs" or "cr" or "sr" or "ss";

    private static string ValueOf(JsonElement annotation) => annotation.Field("value") switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString() ?? "",
        var other => other.Value.GetRawText(),
    };
}
