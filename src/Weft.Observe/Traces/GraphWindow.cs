namespace Weft.Observe.Traces;

/// <summary>The service graph of a span of time, and how long that is, so that calls become rates. Immutable.</summary>
/// <param name="Seconds">From the first of the traces, or from when they were asked for, to the end.</param>
/// <param name="IsPartial">There are more traces than are looked at: the time begins with the oldest of those.</param>
internal sealed record GraphWindow(ServiceGraph Graph, double Seconds, int Traces, bool IsPartial)
{
    /// <summary>What is looked at for one graph, so that it is there at once.</summary>
    public const int MaxSpans = 50_000;

    private const double MicrosPerSecond = 1_000_000;

    /// <param name="nowUs">Microseconds since 1970.</param>
    public static GraphWindow Of(TraceQuery query, TraceStore store, long nowUs)
    {
        var graph = new ServiceGraph();
        var (spans, traces, oldestUs, newestUs, isPartial) = (0, 0, long.MaxValue, 0L, false);
        foreach (var trace in query.All(store))
        {
            if (spans >= MaxSpans)
            {
                isPartial = true;
                break;
            }

            graph.Add(trace);
            spans += trace.Spans.Count;
            traces++;
            (oldestUs, newestUs) = (Math.Min(oldestUs, trace.StartUs), Math.Max(newestUs, trace.EndUs));
        }

        if (traces == 0)
            return new GraphWindow(graph, 0, 0, false);
        // Somebody who asks for the last minutes wants to see that there was nothing lately.
        var endUs = query.LookbackUs is null ? newestUs : Math.Max(nowUs, newestUs);
        return new GraphWindow(graph, Math.Max(1, (endUs - oldestUs) / MicrosPerSecond), traces, isPartial);
    }
}
