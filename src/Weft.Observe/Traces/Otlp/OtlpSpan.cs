namespace Weft.Observe.Traces.Otlp;

/// <summary>A span of OpenTelemetry, from protobuf or JSON, before it is mapped.</summary>
internal sealed record OtlpSpan
{
    private const int KindServer = 2, KindClient = 3, KindProducer = 4, KindConsumer = 5;
    private const int StatusError = 2;

    public required string TraceId { get; init; }

    public required string Id { get; init; }

    public string ParentId { get; init; } = "";

    public string Name { get; init; } = "";

    public int Kind { get; init; }

    public long StartUs { get; init; }

    public long EndUs { get; init; }

    public int Status { get; init; }

    public string StatusText { get; init; } = "";

    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    public IReadOnlyList<SpanAnnotation> Events { get; init; } = [];

    /// <param name="resource">What the sender says of itself: <c>service.name</c> is the service.</param>
    public SpanRecord ToRecord(IReadOnlyList<KeyValuePair<string, string>> resource)
    {
        var tags = new List<KeyValuePair<string, string>>(Attributes);
        tags.AddRange(resource.Where(static attribute => attribute.Key != "service.name"));
        if (Status == StatusError && !tags.Exists(static tag => tag.Key == "error"))
            tags.Add(new("error", StatusText.Length > 0 ? StatusText : "true"));
        return new SpanRecord
        {
            TraceId = TraceId,
            Id = Id,
            ParentId = ParentId,
            Name = Name,
            Kind = Kind switch { KindServer => SpanKind.Server, KindClient => SpanKind.Client, KindProducer => SpanKind.Producer, KindConsumer => SpanKind.Consumer, _ => SpanKind.None },
            TimestampUs = StartUs,
            // A span has a duration; Zipkin has no word for one of nothing.
            DurationUs = Math.Max(1, EndUs - StartUs),
            Local = new SpanEndpoint(Value(resource, "service.name").ToLowerInvariant(), "", 0),
            Remote = new SpanEndpoint(Value(Attributes, "peer.service").ToLowerInvariant(), Value(Attributes, "network.peer.address"), 0),
            Tags = tags,
            Annotations = Events,
        };
    }

    private static string Value(IReadOnlyList<KeyValuePair<string, string>> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.Key == name).Value ?? "";
}
