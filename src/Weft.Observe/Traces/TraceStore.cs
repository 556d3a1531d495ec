namespace Weft.Observe.Traces;

/// <summary>How many spans are kept at most. Immutable.</summary>
internal sealed record TraceLimits
{
    public int MaxSpans { get; init; } = 200_000;

    public long MaxBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Spans of one trace: what comes beyond them is dropped, so that a client that never changes its trace's id fills nothing.</summary>
    public int MaxSpansPerTrace { get; init; } = 2_000;
}

/// <summary>The traces that are kept: the one that was quiet longest goes first when there are too many. Loop thread.</summary>
internal sealed class TraceStore(TraceLimits limits)
{
    private readonly Dictionary<string, TraceEntry> _traces = new(StringComparer.Ordinal);
    private readonly LinkedList<TraceEntry> _byAge = new();

    public int TraceCount => _traces.Count;

    public int SpanCount { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Spans taken in since the start.</summary>
    public long Received { get; private set; }

    /// <summary>Spans that went to make room.</summary>
    public long Evicted { get; private set; }

    /// <summary>Spans that were not taken: their trace was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>All traces, the most recently active first.</summary>
    public IEnumerable<TraceEntry> Newest
    {
        get
        {
            for (var node = _byAge.Last; node is not null; node = node.Previous)
                yield return node.Value;
        }
    }

    /// <summary>Adds a span; false when it was not kept (a repetition, or its trace is full).</summary>
    public bool Add(SpanRecord span)
    {
        Received++;
        var trace = Touch(span.TraceId);
        if (trace.Spans.Count >= limits.MaxSpansPerTrace)
        {
            Dropped++;
            return false;
        }

        var bytes = span.EstimateBytes();
        if (!trace.TryAdd(span, bytes))
            return false;
        SpanCount++;
        Bytes += bytes;
        MakeRoom();
        return true;
    }

    /// <summary>A trace by its id, in any of the ways in which it is written; null when there is none.</summary>
    public TraceEntry? Find(string id)
    {
        try
        {
            return _traces.GetValueOrDefault(SpanIds.TraceId(id));
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    /// <summary>The trace, made if it is new, as the most recently active one.</summary>
    private TraceEntry Touch(string id)
    {
        if (_traces.TryGetValue(id, out var trace))
        {
            _byAge.Remove(trace.Node);
            _byAge.AddLast(trace.Node);
            return trace;
        }

        trace = new TraceEntry(id);
        _traces.Add(id, trace);
        _byAge.AddLast(trace.Node);
        return trace;
    }

    private void MakeRoom()
    {
        while ((SpanCount > limits.MaxSpans || Bytes > limits.MaxBytes) && _byAge.First is { } oldest)
        {
            var trace = oldest.Value;
            _byAge.Remove(oldest);
            _traces.Remove(trace.Id);
            SpanCount -= trace.Spans.Count;
            Bytes -= trace.Bytes;
            Evicted += trace.Spans.Count;
        }
    }
}
