using Weft.Base.Buffers;

namespace Weft.Proxy.Tracing.SkyWalking;

/// <summary>
/// What one request is to SkyWalking: a segment of a trace, of which the request is the first span and each attempt at an upstream one more. It
/// is reported as a whole, when the request is over. Kept with the request's span; one worker.
/// </summary>
internal sealed class SkyWalkingSegment
{
    public ByteWriter TraceId { get; } = new(0);

    public ByteWriter Id { get; } = new(0);

    /// <summary>The caller's span, as a SegmentReference; empty: there is none.</summary>
    public ByteWriter Caller { get; } = new(0);

    /// <summary>The path of the request, by which upstreams know where they were called from.</summary>
    public ByteWriter Endpoint { get; } = new(0);

    /// <summary>The attempts that are over, as fields of the segment.</summary>
    public ByteWriter Spans { get; } = new(0);

    public ByteWriter Scratch { get; } = new(0);

    /// <summary>The number of the next attempt; the request itself is number 0.</summary>
    public int NextNumber { get; set; }
}

/// <summary>An attempt: a span of another's segment.</summary>
internal sealed class SkyWalkingExit
{
    public SkyWalkingSegment? Segment { get; set; }

    public int Number { get; set; }
}
