using Weft.Base.Buffers;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Tracing;

/// <summary>Which side of a request a span tells of.</summary>
internal enum SpanKind : byte { Server, Client }

/// <summary>
/// A span while it lasts: its ids, its name, when it began. What else there is to say is worked out when it ends, so that a request that
/// is not sampled costs its ids. Pooled with its stream; one worker.
/// </summary>
internal sealed class Span
{
    /// <summary>The first half of a trace id of 128 bits; 0: it has 64.</summary>
    public ulong TraceIdHigh;
    public ulong TraceIdLow;
    public ulong Id;

    /// <summary>0: none.</summary>
    public ulong ParentId;

    /// <summary>It will be reported.</summary>
    public bool IsSampled;

    /// <summary>Whether it is sampled was this proxy's decision, which may change with the route; nobody who called had made it.</summary>
    public bool IsDecidedHere;

    public SpanKind Kind;

    /// <summary>Wall-clock time of the beginning.</summary>
    public DateTime StartTime;

    /// <summary>The loop's time of the beginning.</summary>
    public long StartUs;

    /// <summary>The operation.</summary>
    public ByteWriter Name { get; } = new(32);

    /// <summary>W3C tracestate, passed on as it came.</summary>
    public ByteWriter TraceState { get; } = new(0);

    /// <summary>What its tracer keeps with it; kept with the span, so that it can be used again.</summary>
    public object? TracerState;

    /// <summary>The tracer's state, made when there is none of that kind.</summary>
    public T State<T>()
        where T : class, new()
    {
        if (TracerState is not T state)
            TracerState = state = new T();
        return state;
    }

    public void SetName(ReadOnlySpan<byte> name)
    {
        Name.Clear();
        Name.Write(name);
    }

    /// <summary>Names it by a format: only at its end is all known that one may ask for.</summary>
    public void SetName(SubstitutionFormat format, in FormatContext context)
    {
        Name.Clear();
        format.Format(context, Name);
    }
}
