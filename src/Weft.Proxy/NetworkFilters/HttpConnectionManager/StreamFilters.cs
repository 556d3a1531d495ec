using Weft.Proxy.HttpFilters;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>The filters that a stream goes through, and the ways there and back. Pooled with its stream; worker thread.</summary>
internal sealed class StreamFilters
{
    private readonly HttpFilter[] _back;

    /// <param name="stream">Whose.</param>
    /// <param name="filters">The last one is terminal.</param>
    /// <param name="firstPlace">The place of the first.</param>
    public StreamFilters(HttpStream stream, HttpFilter[] filters, int firstPlace)
    {
        All = filters;
        // The terminal filter makes the response, so the way back begins before it.
        _back = filters[..^1];
        Array.Reverse(_back);
        Request = new FilterPath<DownstreamPath>(new(stream), filters, firstPlace, isRequest: true);
        Response = new FilterPath<DownstreamPath>(new(stream), _back, firstPlace, isRequest: false);
    }

    public HttpFilter[] All { get; }

    /// <summary>The terminal one.</summary>
    public HttpFilter Last => All[^1];

    public FilterPath<DownstreamPath> Request { get; }

    public FilterPath<DownstreamPath> Response { get; }

    /// <summary>Puts another filter in a place, between two requests.</summary>
    public void Replace(int index, HttpFilter filter)
    {
        All[index] = filter;
        if (index < _back.Length)
            _back[_back.Length - 1 - index] = filter;
    }
}
