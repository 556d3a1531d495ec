using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.NetworkFilters.HttpConnectionManager;

namespace Weft.Proxy.HttpFilters.Upstream;

/// <summary>The ends of the ways through upstream filters: the connection, and who has sent the request.</summary>
internal readonly struct UpstreamPath(FilteredUpstream upstream) : IFilteredStream
{
    public BufferPool Buffers => upstream.Worker.Loop.Buffers;

    public bool IsOver(bool isRequest) => !upstream.IsActive;

    public int KeptLimitBytes(bool isRequest) => isRequest ? upstream.Stream.RequestBufferLimitBytes : upstream.Stream.BufferLimitBytes;

    public ReadOnlySpan<byte> CopyToScratch(ReadOnlySpan<byte> bytes) => upstream.CopyToScratch(bytes);

    public void OnHeadPassed(bool isRequest, HeaderMap head, bool endStream)
    {
        if (isRequest)
            upstream.OnRequestHeadPassed(endStream);
        else
            upstream.OnResponseHeadPassed(head, endStream);
    }

    public void OnDataPassed(bool isRequest, ReadOnlySpan<byte> data, bool endStream)
    {
        if (isRequest)
            upstream.OnRequestDataPassed(data, endStream);
        else
            upstream.OnResponseDataPassed(data, endStream);
    }

    public void OnTrailersPassed(bool isRequest, HeaderMap trailers)
    {
        if (isRequest)
            upstream.OnRequestTrailersPassed(trailers);
        else
            upstream.OnResponseTrailersPassed(trailers);
    }

    public void OnBufferLimitExceeded(bool isRequest)
    {
        if (isRequest)
            upstream.Stream.SendLocalReply(413, "Payload Too Large"u8, "request_payload_too_large");
        else
            upstream.Stream.SendLocalReply(500, "Internal Server Error"u8, "response_payload_too_large");
    }
}
