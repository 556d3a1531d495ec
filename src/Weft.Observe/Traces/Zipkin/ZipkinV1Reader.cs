using System.Text.Json;

namespace Weft.Observe.Traces.Zipkin;

/// <summary>
/// Zipkin's JSON, version 1, which old proxies send: what a span is follows from its annotations (<c>cs</c> and <c>cr</c>, <c>sr</c> and <c>ss</c>). A span
/// with both sides becomes two.
/// </summary>
internal static class ZipkinV1Reader
{
    private readonly record struct Annotation(long TimeUs, string Value, SpanEndpoint Endpoint);

    private readonly record struct BinaryAnnotation(string Key, string Value, SpanEndpoint Endpoint);

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
        var annotations = span.List("annotations").Select(ReadAnnotation).ToList();
        var binary = span.List("binaryAnnotations").Select(ReadBinaryAnnotation).ToList();
        var whole = ReadWhole(span, annotations, binary);
        var client = Side(whole, SpanKind.Client, annotations, "cs", "cr", Far(binary, "sa"));
        var server = Side(whole, SpanKind.Server, annotations, "sr", "ss", Far(binary, "ca"));
        return (client, server) switch
        {
            (null, null) => [whole with { Remote = Far(binary, "sa") }],
            (null, { } only) => [only],
            ({ } only, null) => [only],
            var (asking, answering) => [asking, answering with { IsShared = true }],
        };
    }

    /// <summary>What both sides of a span have in common.</summary>
    private static SpanRecord ReadWhole(JsonElement span, List<Annotation> annotations, List<BinaryAnnotation> binary) => new()
    {
        TraceId = SpanIds.TraceId(span.Text("traceId")),
        Id = SpanIds.SpanId(span.Text("id"), "id"),
        ParentId = SpanIds.ParentId(span.Text("parentId")),
        Name = span.Text("name"),
        TimestampUs = span.Number("timestamp"),
        DurationUs = span.Number("duration"),
        IsDebug = span.Flag("debug"),
        Tags = [.. binary.Where(static tag => tag.Key is not ("ca" or "sa" or "ma")).Select(static tag => new KeyValuePair<string, string>(tag.Key, tag.Value))],
        Annotations = [.. annotations.Where(static annotation => annotation.Value is not ("cs" or "cr" or "sr" or "ss")).Select(static annotation => new SpanAnnotation(annotation.TimeUs, annotation.Value))],
        Local = annotations.Select(static annotation => annotation.Endpoint).Concat(binary.Select(static tag => tag.Endpoint)).FirstOrDefault(static endpoint => !endpoint.IsUnknown) ?? SpanEndpoint.Unknown,
    };

    /// <summary>One side, if its annotations are there.</summary>
    private static SpanRecord? Side(SpanRecord whole, SpanKind kind, List<Annotation> annotations, string from, string to, SpanEndpoint remote)
    {
        var (start, end) = (annotations.Find(annotation => annotation.Value == from), annotations.Find(annotation => annotation.Value == to));
        if ((start.Endpoint ?? end.Endpoint) is not { } local)
            return null;
        return whole with
        {
            Kind = kind,
            TimestampUs = start.TimeUs > 0 ? start.TimeUs : whole.TimestampUs,
            DurationUs = start.TimeUs > 0 && end.TimeUs > start.TimeUs ? end.TimeUs - start.TimeUs : whole.DurationUs,
            Local = local,
            Remote = remote,
        };
    }

    private static SpanEndpoint Far(List<BinaryAnnotation> binary, string key) => binary.Find(tag => tag.Key == key).Endpoint ?? SpanEndpoint.Unknown;

    private static Annotation ReadAnnotation(JsonElement annotation) =>
        new(annotation.Number("timestamp"), annotation.Text("value"), ZipkinJsonReader.Endpoint(annotation.Field("endpoint")));

    private static BinaryAnnotation ReadBinaryAnnotation(JsonElement annotation) =>
        new(annotation.Text("key"), ValueOf(annotation), ZipkinJsonReader.Endpoint(annotation.Field("endpoint")));

    private static string ValueOf(JsonElement annotation) => annotation.Field("value") switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString() ?? "",
        var other => other.Value.GetRawText(),
    };
}
