namespace Weft.Observe.Traces;

/// <summary>Calls of one service by another.</summary>
internal sealed class ServiceLink(string parent, string child)
{
    public string Parent => parent;

    public string Child => child;

    public long Calls { get; private set; }

    public long Errors { get; private set; }

    /// <summary>How long they took, microseconds.</summary>
    public LogHistogram DurationsUs { get; } = new();

    public void Add(SpanRecord span)
    {
        Calls++;
        if (span.IsError)
            Errors++;
        if (span.DurationUs > 0)
            DurationsUs.Add(span.DurationUs);
    }
}
