using Weft.Http;
using Weft.Proxy.Clusters.ConnectionPools;

namespace Weft.Proxy.HttpFilters.Upstream;

/// <content>What comes from the connection: it passes the filters on its way to the attempt.</content>
internal sealed partial class FilteredUpstream : IUpstreamHandler
{
    public void OnResponseHeadPassed(HeaderMap head, bool endStream)
    {
        // Who hears of the end may begin again at once.
        if (endStream)
            End();
        _attempt.OnResponseHeaders(head, endStream);
    }

    // A filter may own the bytes, until it is reset.
    public void OnResponseDataPassed(ReadOnlySpan<byte> data, bool endStream)
    {
        _attempt.OnResponseData(data, endStream);
        if (endStream)
            End();
    }

    public void OnResponseTrailersPassed(HeaderMap trailers)
    {
        _attempt.OnResponseTrailers(trailers);
        End();
    }

    void IUpstreamHandler.OnPoolReady(UpstreamStream stream)
    {
        _latest = stream;
        if (!_isLate)
        {
            Send(stream);
            return;
        }

        _ready = stream;
        _attempt.OnPoolReady(this);
    }

    void IUpstreamHandler.OnPoolFailure(ResetReason reason, string? transportFailure)
    {
        if (!IsActive)
            return;
        End();
        _attempt.OnPoolFailure(reason, transportFailure);
    }

    HeaderMap IUpstreamHandler.OnResponseBegin() => _attempt.OnResponseBegin();

    void IUpstreamHandler.OnInformational(HeaderMap headers) => _attempt.OnInformational(headers);

    void IUpstreamHandler.OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        LetGo(endStream);
        Stream.ResponseHeaders = headers;
        Response.Head(headers, endStream);
    }

    void IUpstreamHandler.OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        LetGo(endStream);
        Response.Data(data, endStream);
    }

    void IUpstreamHandler.OnResponseTrailers(HeaderMap trailers)
    {
        LetGo(endStream: true);
        Response.Trailers(trailers);
    }

    void IUpstreamHandler.OnResponseMetadata(ReadOnlySpan<byte> block) => _attempt.OnResponseMetadata(block);

    void IUpstreamHandler.OnReset(ResetReason reason, CodecError? error)
    {
        End();
        _attempt.OnReset(reason, error);
    }

    void IUpstreamHandler.OnRequestBackedUp() => PauseRequest();

    void IUpstreamHandler.OnRequestDrained() => ResumeRequest();

    /// <summary>The connection has nothing more for this request, though filters may: it serves others from here.</summary>
    private void LetGo(bool endStream)
    {
        if (endStream)
            _upstream = null;
    }
}
