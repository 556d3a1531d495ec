using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters;

/// <summary>What a filter may see of its stream and do to it. Worker thread.</summary>
public interface IHttpStream
{
    Worker Worker { get; }

    StreamInfo Info { get; }

    /// <summary>Null where requests are not traced.</summary>
    internal HttpTrace? Trace => null;

    HeaderMap RequestHeaders { get; }

    /// <summary>Null until the response head has come.</summary>
    HeaderMap? ResponseHeaders { get; }

    /// <summary>The route, matched on first use; null when there is none.</summary>
    Route? Route { get; }

    /// <summary>What the route says about <paramref name="filter"/> in its most specific typed_per_filter_config (weighted cluster, route, virtual host, table); null when nothing.</summary>
    FilterRouteConfig? RouteConfig(HttpFilter filter);

    /// <summary>All that is said about <paramref name="filter"/>, the most specific first.</summary>
    ReadOnlySpan<FilterRouteConfig> RouteConfigs(HttpFilter filter);

    /// <summary>Forgets the matched route: a filter changed what routes are matched by.</summary>
    void ClearRouteCache();

    /// <summary>Asks for routes that the request lacks, where they are given on demand; false when nothing can be had.</summary>
    internal bool RequestRoutes(XdsClient.OnDemand.OnDemandWait wait) => false;

    /// <summary>Routes have come while the request waited: finds its route anew, with the time limits and disabled filters that it brings.</summary>
    internal void RenewRoute() => ClearRouteCache();

    /// <summary>Headers for the next local reply (Location, x-envoy-overloaded ...): set them before <see cref="SendLocalReply"/>.</summary>
    HeaderMap LocalReplyHeaders { get; }

    /// <summary>The terminal filter's response: each part passes the other filters in reverse. The map is kept until the stream ends.</summary>
    void EncodeHeaders(HeaderMap headers, bool endStream);

    void EncodeData(ReadOnlySpan<byte> data, bool endStream);

    void EncodeTrailers(HeaderMap trailers);

    /// <summary>A 1xx response on its way to the client.</summary>
    void EncodeInformational(HeaderMap headers);

    /// <summary>A block of HTTP/2 metadata from the upstream: goes to the client at once, past the filters, if it takes such.</summary>
    internal void EncodeMetadata(ReadOnlySpan<byte> block)
    {
    }

    /// <summary>Stops and resumes the delivery of request body, because whoever takes it is backed up; calls nest.</summary>
    void PauseRequest();

    void ResumeRequest();

    /// <summary>How many body bytes may be kept in memory per direction (per_connection_buffer_limit_bytes).</summary>
    int BufferLimitBytes { get; }

    /// <summary>How many bytes of this request's body may be kept behind a filter that stops it, beyond which it gets 413; default <see cref="BufferLimitBytes"/>.</summary>
    int RequestBufferLimitBytes { get; set; }

    /// <summary>What <see cref="SetConnectionValue"/> kept under that key; null when nothing.</summary>
    object? ConnectionValue(object key);

    /// <summary>Keeps something for all requests of this downstream connection, until it closes.</summary>
    void SetConnectionValue(object key, object value);

    /// <summary>The trailers that wait behind the filter that has stopped a direction, to be changed; null when there are none.</summary>
    internal HeaderMap? KeptTrailers(bool isRequest) => null;

    /// <summary>What was attached to the downstream connection.</summary>
    internal DynamicMetadata ConnectionMetadata => Info.DynamicMetadata;

    /// <summary>The request asks for an upgrade that is enabled, or is a CONNECT: body is an opaque stream both ways.</summary>
    bool IsTunnel { get; }

    /// <summary>Answers the request here: passes the response through the filters, logs it, applies local_reply_config.</summary>
    /// <param name="body">Text as Envoy writes it; may be empty.</param>
    /// <param name="details">Response code details, a constant.</param>
    void SendLocalReply(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags = ResponseFlags.None);

    /// <summary>Goes on after <see cref="FilterStatus.StopAndBuffer"/> on the request path, from the filter after <paramref name="filter"/>. Not from within its own callback.</summary>
    void ContinueRequest(HttpFilter filter);

    void ContinueResponse(HttpFilter filter);

    /// <summary>
    /// Sends request body on from behind <paramref name="filter"/>, which kept it for itself before (it left <see cref="BodyChunk.Bytes"/> empty and
    /// <see cref="BodyChunk.EndStream"/> false), or adds a body behind the head that it is being shown. Otherwise the end of the body not from within a
    /// callback of the filter.
    /// </summary>
    void InjectRequestData(HttpFilter filter, ReadOnlySpan<byte> data, bool endStream);

    /// <summary>As <see cref="InjectRequestData"/>, towards the client.</summary>
    void InjectResponseData(HttpFilter filter, ReadOnlySpan<byte> data, bool endStream);

    /// <summary>Ends the response with trailers of the filter's own, behind what it has injected; it has taken the end for itself as with <see cref="InjectRequestData"/>.</summary>
    void InjectResponseTrailers(HttpFilter filter, HeaderMap trailers);

    /// <summary>Stops and resumes the source of the response, because a filter holds enough of it; calls nest.</summary>
    void PauseResponse();

    void ResumeResponse();

    /// <summary>The route that the request's headers match as they are now, by the connection manager's path rules; the stream keeps the one it has.</summary>
    Route? MatchAgain() => Route;

    /// <summary>
    /// Begins the request anew with its headers as they are now: all filters forget it and then see it again, with this body. The request must be
    /// complete and unanswered. The calling filter is reset within the call.
    /// </summary>
    /// <param name="body">Emptied.</param>
    /// <param name="trailers">Null when there are none.</param>
    void Restart(ByteQueue body, HeaderMap? trailers) => throw new NotSupportedException();

    /// <summary>Ends the stream without an answer: the downstream connection (HTTP/1) or stream (HTTP/2) is reset.</summary>
    void ResetStream(string details, ResponseFlags flags);

    /// <summary>Response bytes wait downstream beyond the limit: whoever produces them should pause until <see cref="HttpFilter.OnResponseDrained"/>.</summary>
    bool IsResponseBackedUp { get; }
}
