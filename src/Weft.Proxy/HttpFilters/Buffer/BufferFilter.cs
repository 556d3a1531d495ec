using Weft.Http;

namespace Weft.Proxy.HttpFilters.Buffer;

/// <summary>
/// Lets a request go on only when all of it has come, so that slow clients do not hold upstream connections; what is longer than allowed gets
/// 413 from the stream. A request without content-length gets one.
/// </summary>
internal sealed class BufferFilter(BufferConfig config) : HttpFilter
{
    private HeaderMap? _headers;
    private long _bodyBytes;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        // An upgraded connection has no end to wait for.
        if (endStream || Stream.IsTunnel)
            return FilterStatus.Continue;
        var settings = Stream.RouteConfig(this) as BufferConfig ?? config;
        if (settings.MaxRequestBytes == 0)
            return FilterStatus.Continue;
        Stream.RequestBufferLimitBytes = settings.MaxRequestBytes;
        _headers = headers;
        return FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (_headers is null)
            return FilterStatus.Continue;
        _bodyBytes += chunk.Bytes.Length;
        if (!chunk.EndStream)
            return FilterStatus.StopAndBuffer;
        SetContentLength(_headers);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
    {
        if (_headers is not null)
            SetContentLength(_headers);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _headers = null;
        _bodyBytes = 0;
    }

    private void SetContentLength(HeaderMap headers)
    {
        if (!headers.Has(KnownHeader.ContentLength))
            headers.Set(KnownHeader.ContentLength, _bodyBytes);
    }
}
