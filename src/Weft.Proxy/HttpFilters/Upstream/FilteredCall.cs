using Weft.Http;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.Upstream;

/// <summary>
/// A request besides those of routers (a mirror, a tracer, a check) behind upstream filters: a filter's answer reaches it as the upstream's. Worker thread.
/// </summary>
/// <param name="handler">Whose request.</param>
/// <param name="bufferLimitBytes">How much body may wait, each way.</param>
internal sealed class FilteredCall(IUpstreamHandler handler, int bufferLimitBytes) : IFilteredAttempt
{
    /// <summary>What it goes through; set once.</summary>
    public FilteredUpstream Filters { get; set; } = null!;

    public StreamInfo Info { get; } = new();

    public HeaderMap LocalReplyHeaders { get; } = new();

    public int BufferLimitBytes => bufferLimitBytes;

    public void AskPool(PendingRequest request, HeaderMap head) => throw new InvalidOperationException("there is a connection before there is a head");

    public void OnLocalReply(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags)
    {
        Filters.Cancel();
        var head = handler.OnResponseBegin();
        head.CopyFrom(LocalReplyHeaders);
        head.Set(KnownHeader.Status, status);
        LocalReplyHeaders.Clear();
        handler.OnResponseHeaders(head, body.IsEmpty);
        if (!body.IsEmpty)
            handler.OnResponseData(body, endStream: true);
    }

    public void OnAborted(string details, ResponseFlags flags)
    {
        Filters.Cancel();
        handler.OnReset(ResetReason.LocalReset, null);
    }

    public void OnPoolReady(UpstreamStream stream) => handler.OnPoolReady(stream);

    public void OnPoolFailure(ResetReason reason, string? transportFailure) => handler.OnPoolFailure(reason, transportFailure);

    public HeaderMap OnResponseBegin() => handler.OnResponseBegin();

    public void OnInformational(HeaderMap headers) => handler.OnInformational(headers);

    public void OnResponseHeaders(HeaderMap headers, bool endStream) => handler.OnResponseHeaders(headers, endStream);

    public void OnResponseData(ReadOnlySpan<byte> data, bool endStream) => handler.OnResponseData(data, endStream);

    public void OnResponseTrailers(HeaderMap trailers) => handler.OnResponseTrailers(trailers);

    public void OnResponseMetadata(ReadOnlySpan<byte> block) => handler.OnResponseMetadata(block);

    public void OnReset(ResetReason reason, CodecError? error) => handler.OnReset(reason, error);

    public void OnRequestBackedUp() => handler.OnRequestBackedUp();

    public void OnRequestDrained() => handler.OnRequestDrained();
}
