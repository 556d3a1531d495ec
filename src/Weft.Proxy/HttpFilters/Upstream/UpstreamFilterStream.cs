using Weft.Http;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Upstream;

/// <summary>
/// What upstream filters see of an attempt. Route and cluster are settled: there is nothing of the connection manager's to change. Pooled with its
/// <see cref="FilteredUpstream"/>; worker thread.
/// </summary>
internal sealed class UpstreamFilterStream(FilteredUpstream upstream, IFilteredAttempt attempt) : IHttpStream
{
    private int? _requestBufferLimit;

    public Worker Worker => upstream.Worker;

    public StreamInfo Info => attempt.Info;

    HttpTrace? IHttpStream.Trace => attempt.Trace;

    /// <summary>The attempt's own copy: what a filter changes does not meet the next attempt.</summary>
    public HeaderMap RequestHeaders => upstream.Head;

    public HeaderMap? ResponseHeaders { get; set; }

    public Route? Route => attempt.Route;

    public HeaderMap LocalReplyHeaders => attempt.LocalReplyHeaders;

    public int BufferLimitBytes => attempt.BufferLimitBytes is > 0 and var limit ? limit : int.MaxValue;

    public int RequestBufferLimitBytes
    {
        get => _requestBufferLimit ?? BufferLimitBytes;
        set => _requestBufferLimit = value;
    }

    public bool IsTunnel => attempt.IsTunnel;

    public bool IsResponseBackedUp => attempt.IsResponseBackedUp;

    public FilterRouteConfig? RouteConfig(HttpFilter filter) => filter.IsInner ? null : upstream.RouteFilters?.MostSpecific(filter.Index);

    public ReadOnlySpan<FilterRouteConfig> RouteConfigs(HttpFilter filter) => upstream.RouteFilters is { } filters && !filter.IsInner ? filters.All(filter.Index) : [];

    public void ClearRouteCache()
    {
    }

    HeaderMap? IHttpStream.KeptTrailers(bool isRequest) => (isRequest ? upstream.Request : upstream.Response).KeptTrailers;

    DynamicMetadata IHttpStream.ConnectionMetadata => attempt.ConnectionMetadata;

    // Filters that keep something for a connection are none of those that may stand here.
    public object? ConnectionValue(object key) => null;

    public void SetConnectionValue(object key, object value)
    {
    }

    public void EncodeHeaders(HeaderMap headers, bool endStream) => throw new NotSupportedException("the response is the upstream's");

    public void EncodeData(ReadOnlySpan<byte> data, bool endStream) => throw new NotSupportedException("the response is the upstream's");

    public void EncodeTrailers(HeaderMap trailers) => throw new NotSupportedException("the response is the upstream's");

    public void EncodeInformational(HeaderMap headers) => attempt.OnInformational(headers);

    public void SendLocalReply(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags = ResponseFlags.None)
    {
        if (upstream.IsActive)
            attempt.OnLocalReply(status, body, details, flags);
    }

    public void ResetStream(string details, ResponseFlags flags)
    {
        if (upstream.IsActive)
            attempt.OnAborted(details, flags);
    }

    public void ContinueRequest(HttpFilter filter) => upstream.Request.Continue(filter);

    public void ContinueResponse(HttpFilter filter) => upstream.Response.Continue(filter);

    public void InjectRequestData(HttpFilter filter, ReadOnlySpan<byte> data, bool endStream) => upstream.Request.Inject(filter, data, endStream);

    public void InjectResponseData(HttpFilter filter, ReadOnlySpan<byte> data, bool endStream) => upstream.Response.Inject(filter, data, endStream);

    public void InjectResponseTrailers(HttpFilter filter, HeaderMap trailers) => upstream.Response.InjectTrailers(filter, trailers);

    public void PauseRequest() => upstream.PauseRequest();

    public void ResumeRequest() => upstream.ResumeRequest();

    public void PauseResponse() => upstream.PauseResponse();

    public void ResumeResponse() => upstream.ResumeResponse();

    /// <summary>Ready for another attempt.</summary>
    public void Reset()
    {
        ResponseHeaders = null;
        _requestBufferLimit = null;
    }
}
