using Weft.Http;

namespace Weft.Proxy.HttpFilters;

/// <summary>What a filter says after an event.</summary>
public enum FilterStatus : byte
{
    /// <summary>Go on to the next filter.</summary>
    Continue,

    /// <summary>Stop here; body that arrives meanwhile is kept (up to the buffer limit) until the filter calls ContinueRequest or ContinueResponse.</summary>
    StopAndBuffer,

    /// <summary>The filter has answered the request itself (<see cref="IHttpStream.SendLocalReply"/>) or destroyed the stream: nothing further may be touched.</summary>
    Ended,
}

/// <summary>A piece of a body on its way through the filters. A filter that changes the body points <see cref="Bytes"/> at its own output, valid until its next call; one that keeps a piece leaves it empty, and nothing goes on.</summary>
public ref struct BodyChunk
{
    public ReadOnlySpan<byte> Bytes;
    public bool EndStream;
}

/// <summary>
/// One filter of one stream, pooled together with it: <see cref="OnReset"/> makes it ready for the next request.
/// Every call comes on the stream's worker; nothing here may block or allocate per request.
/// </summary>
public abstract class HttpFilter
{
    /// <summary>The stream that the filter belongs to; set once.</summary>
    public IHttpStream Stream { get; internal set; } = null!;

    /// <summary>The filter's place in its chain; set once.</summary>
    internal int Index { get; set; }

    /// <summary>The filter stands inside another: what routes say at its place is for that one.</summary>
    internal bool IsInner { get; set; }

    /// <summary>The filter is disabled for the current request: the paths leave it out.</summary>
    internal bool IsSkipped { get; set; }

    public virtual FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream) => FilterStatus.Continue;

    public virtual FilterStatus OnRequestData(ref BodyChunk chunk) => FilterStatus.Continue;

    public virtual FilterStatus OnRequestTrailers(HeaderMap trailers) => FilterStatus.Continue;

    public virtual FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream) => FilterStatus.Continue;

    public virtual FilterStatus OnResponseData(ref BodyChunk chunk) => FilterStatus.Continue;

    public virtual FilterStatus OnResponseTrailers(HeaderMap trailers) => FilterStatus.Continue;

    /// <summary>Terminal filters: a block of HTTP/2 metadata (allow_metadata), which may come at any time, also before the head has reached the filter.</summary>
    public virtual void OnRequestMetadata(ReadOnlySpan<byte> block)
    {
    }

    /// <summary>Terminal filters: the client takes the response more slowly than it comes; pause its source.</summary>
    public virtual void OnResponseBackedUp()
    {
    }

    /// <summary>Terminal filters: the client has caught up.</summary>
    public virtual void OnResponseDrained()
    {
    }

    /// <summary>The stream is over, in whatever way: cancel what runs, forget everything.</summary>
    public virtual void OnReset()
    {
    }
}

/// <summary>Makes the filters of a chain; one per configured filter, shared by all workers.</summary>
public abstract class HttpFilterFactory
{
    /// <summary>The configured name, under which routes override it.</summary>
    public required string Name { get; init; }

    /// <summary>HttpFilter.disabled: requests pass it by unless their route says otherwise.</summary>
    public bool IsDisabled { get; internal set; }

    /// <summary>Ends the chain: takes the request and makes the response.</summary>
    public virtual bool IsTerminal => false;

    /// <summary>The whole chain is known: for filters that must know of one another.</summary>
    internal virtual void OnChain(IReadOnlyList<HttpFilterFactory> chain)
    {
    }

    /// <summary>What the filter would do with a request, a line each, for a person. Main thread.</summary>
    /// <param name="ofRoute">The most specific of what the route says to it; null: nothing.</param>
    /// <param name="request">Only its head; with a trail, which may be given back.</param>
    internal virtual IReadOnlyList<string> Explain(FilterRouteConfig? ofRoute, in Matching.MatchData request) => [];

    /// <summary>A filter for a new pooled stream of <paramref name="worker"/>.</summary>
    public abstract HttpFilter Create(Workers.Worker worker);
}
