namespace Weft.Observe.Traces;

/// <summary>Which traces are wanted, as Zipkin's API asks, and as the page does. Immutable.</summary>
internal sealed record TraceQuery
{
    public const int MaxLimit = 1000;

    public string? Service { get; init; }

    /// <summary>Another service that must have a part in it.</summary>
    public string? With { get; init; }

    public string? RemoteService { get; init; }

    public string? SpanName { get; init; }

    /// <summary>Each must be true of a span, of <see cref="Service"/> where that is given.</summary>
    public IReadOnlyList<TagCondition> Tags { get; init; } = [];

    /// <summary>Of one span, of <see cref="Service"/> where that is given.</summary>
    public long? MinDurationUs { get; init; }

    public long? MaxDurationUs { get; init; }

    /// <summary>From the beginning of the first span to the end of the last.</summary>
    public long? MinTraceUs { get; init; }

    public long? MaxTraceUs { get; init; }

    /// <summary>Only traces that began at or before it; microseconds since 1970.</summary>
    public long? EndUs { get; init; }

    /// <summary>How far before <see cref="EndUs"/>.</summary>
    public long? LookbackUs { get; init; }

    public bool ErrorsOnly { get; init; }

    /// <summary>The longest first, not the newest.</summary>
    public bool IsByDuration { get; init; }

    public int Limit { get; init; } = 10;

    /// <summary>Runs it, newest or longest first.</summary>
    public IEnumerable<TraceEntry> Run(TraceStore store) => All(store).Take(Math.Min(Limit, MaxLimit));

    /// <summary>The same without a limit.</summary>
    public IEnumerable<TraceEntry> All(TraceStore store) =>
        store.Newest.Where(Matches).OrderByDescending(trace => IsByDuration ? trace.DurationUs : trace.StartUs);

    private bool Matches(TraceEntry trace)
    {
        if (EndUs is { } end && (trace.StartUs > end || (LookbackUs is { } lookback && trace.StartUs < end - lookback)))
            return false;
        if ((ErrorsOnly && !trace.HasError) || trace.DurationUs < MinTraceUs || trace.DurationUs > MaxTraceUs)
            return false;
        if (With is { } other && !trace.Spans.Any(span => span.Service == other))
            return false;
        return trace.Spans.Any(MatchesSpan) && Tags.All(wanted => trace.Spans.Any(span => (Service is null || span.Service == Service) && wanted.IsTrueOf(span)));
    }

    private bool MatchesSpan(SpanRecord span) =>
        (Service is null || span.Service == Service)
        && (SpanName is null || span.Name == SpanName)
        && (RemoteService is null || span.Remote.Service == RemoteService)
        && (MinDurationUs is not { } min || span.DurationUs >= min)
        && (MaxDurationUs is not { } max || span.DurationUs <= max);
}
