namespace Weft.Observe.Traces;

/// <summary>Which traces are wanted, as Zipkin's API asks. Immutable.</summary>
internal sealed record TraceQuery
{
    public const int MaxLimit = 1000;

    public string? Service { get; init; }

    public string? RemoteService { get; init; }

    public string? SpanName { get; init; }

    /// <summary>Tags and annotations that must all be there: <c>key</c> or <c>key=value</c>.</summary>
    public IReadOnlyList<string> Annotations { get; init; } = [];

    public long? MinDurationUs { get; init; }

    public long? MaxDurationUs { get; init; }

    /// <summary>Only traces that began at or before it; microseconds since 1970.</summary>
    public long? EndUs { get; init; }

    /// <summary>How far before <see cref="EndUs"/>.</summary>
    public long? LookbackUs { get; init; }

    public bool ErrorsOnly { get; init; }

    public int Limit { get; init; } = 10;

    /// <summary>Runs it, newest first.</summary>
    public IEnumerable<TraceEntry> Run(TraceStore store) => store.Newest.Where(Matches).OrderByDescending(static trace => trace.StartUs).Take(Math.Min(Limit, MaxLimit));

    private bool Matches(TraceEntry trace)
    {
        if (EndUs is { } end && (trace.StartUs > end || (LookbackUs is { } lookback && trace.StartUs < end - lookback)))
            return false;
        if (ErrorsOnly && !trace.HasError)
            return false;
        if (Service is null && SpanName is null && RemoteService is null && Annotations.Count == 0 && MinDurationUs is null)
            return true;
        foreach (var span in trace.Spans)
        {
            if (MatchesSpan(span) && Annotations.All(wanted => trace.Spans.Any(other => (Service is null || other.Service == Service) && Has(other, wanted))))
                return true;
        }

        return false;
    }

    private bool MatchesSpan(SpanRecord span) =>
        (Service is null || span.Service == Service)
        && (SpanName is null || span.Name == SpanName)
        && (RemoteService is null || span.Remote.Service == RemoteService)
        && (MinDurationUs is not { } min || span.DurationUs >= min)
        && (MaxDurationUs is not { } max || span.DurationUs <= max);

    private static bool Has(SpanRecord span, string wanted)
    {
        var equals = wanted.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0)
            return span.Tag(wanted[..equals]) == wanted[(equals + 1)..];
        return span.Tag(wanted) is not null || span.Annotations.Any(annotation => annotation.Value == wanted);
    }
}
