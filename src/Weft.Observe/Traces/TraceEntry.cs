namespace Weft.Observe.Traces;

/// <summary>The spans of one trace so far. Loop thread.</summary>
internal sealed class TraceEntry
{
    private readonly List<SpanRecord> _spans = [];

    public TraceEntry(string id)
    {
        Id = id;
        Node = new LinkedListNode<TraceEntry>(this);
    }

    public string Id { get; }

    public IReadOnlyList<SpanRecord> Spans => _spans;

    /// <summary>About how much memory they take.</summary>
    public long Bytes { get; private set; }

    /// <summary>When the first of them began, microseconds since 1970; 0 when none says.</summary>
    public long StartUs { get; private set; }

    /// <summary>When the last of them ended.</summary>
    public long EndUs { get; private set; }

    /// <summary>From the one to the other, microseconds.</summary>
    public long DurationUs => Math.Max(0, EndUs - StartUs);

    public bool HasError { get; private set; }

    /// <summary>Its place in the order of eviction.</summary>
    public LinkedListNode<TraceEntry> Node { get; }

    /// <summary>The span that began it: without a parent here, the earliest of them.</summary>
    public SpanRecord Root
    {
        get
        {
            var ids = _spans.Select(static span => span.Id).ToHashSet(StringComparer.Ordinal);
            return _spans
                .OrderBy(span => span.ParentId.Length == 0 ? 0 : ids.Contains(span.ParentId) ? 2 : 1)
                .ThenBy(static span => span.IsShared)
                .ThenBy(static span => span.TimestampUs == 0 ? long.MaxValue : span.TimestampUs)
                .First();
        }
    }

    /// <summary>In the order in which they had to do with it.</summary>
    public IEnumerable<string> Services => _spans.OrderBy(static span => span.TimestampUs).Select(static span => span.Service).Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal);

    /// <summary>Adds a span; false when the very same was there already, as when a sender tries again.</summary>
    public bool TryAdd(SpanRecord span, int bytes)
    {
        foreach (var other in _spans)
        {
            if (other.Id == span.Id && other.Kind == span.Kind && other.TimestampUs == span.TimestampUs && other.DurationUs == span.DurationUs && other.Local == span.Local && other.IsShared == span.IsShared)
                return false;
        }

        _spans.Add(span);
        Bytes += bytes;
        HasError |= span.IsError;
        if (span.TimestampUs == 0)
            return true;
        StartUs = StartUs == 0 ? span.TimestampUs : Math.Min(StartUs, span.TimestampUs);
        EndUs = Math.Max(EndUs, span.TimestampUs + span.DurationUs);
        return true;
    }
}
