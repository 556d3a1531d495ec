namespace Weft.Observe.Traces;

/// <summary>Which side of a call a span tells of, in Zipkin's words.</summary>
internal enum SpanKind : byte { None, Client, Server, Producer, Consumer }

/// <summary>One end of a call. Immutable.</summary>
/// <param name="Service">"" when it is not known.</param>
/// <param name="Ip">As text; "" when it is not known.</param>
internal sealed record SpanEndpoint(string Service, string Ip, int Port)
{
    public static SpanEndpoint Unknown { get; } = new("", "", 0);

    public bool IsUnknown => Service.Length == 0 && Ip.Length == 0 && Port == 0;
}

/// <summary>Something that happened within a span.</summary>
/// <param name="TimestampUs">Microseconds since 1970.</param>
internal readonly record struct SpanAnnotation(long TimestampUs, string Value);

/// <summary>A span as it is kept, wherever it came from: Zipkin's model, version 2. Immutable.</summary>
internal sealed record SpanRecord
{
    /// <summary>16 or 32 lower-case hexadecimal digits.</summary>
    public required string TraceId { get; init; }

    /// <summary>16 digits.</summary>
    public required string Id { get; init; }

    /// <summary>16 digits; "" for the first span of a trace.</summary>
    public string ParentId { get; init; } = "";

    public SpanKind Kind { get; init; }

    public string Name { get; init; } = "";

    /// <summary>Microseconds since 1970; 0 when it is not known.</summary>
    public long TimestampUs { get; init; }

    /// <summary>0 when it is not known.</summary>
    public long DurationUs { get; init; }

    /// <summary>The server's half of a span whose other half the client reported under the same id.</summary>
    public bool IsShared { get; init; }

    public bool IsDebug { get; init; }

    public SpanEndpoint Local { get; init; } = SpanEndpoint.Unknown;

    public SpanEndpoint Remote { get; init; } = SpanEndpoint.Unknown;

    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    public IReadOnlyList<SpanAnnotation> Annotations { get; init; } = [];

    public string Service => Local.Service;

    public bool IsError => Tag("error") is not null;

    /// <summary>A tag's value; null when there is none.</summary>
    public string? Tag(string name)
    {
        foreach (var (key, value) in Tags)
        {
            if (key == name)
                return value;
        }

        return null;
    }

    /// <summary>About how much memory it takes.</summary>
    public int EstimateBytes()
    {
        const int fixedBytes = 300;
        const int entryBytes = 80;
        var characters = TraceId.Length + Id.Length + ParentId.Length + Name.Length + Local.Service.Length + Local.Ip.Length + Remote.Service.Length + Remote.Ip.Length;
        foreach (var (key, value) in Tags)
            characters += key.Length + value.Length + (entryBytes / 2);
        foreach (var annotation in Annotations)
            characters += annotation.Value.Length + (entryBytes / 2);
        return fixedBytes + (2 * characters);
    }
}
