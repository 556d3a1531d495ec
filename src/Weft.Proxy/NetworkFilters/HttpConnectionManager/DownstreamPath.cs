using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>The ends of the ways through a connection manager's filters: the stream itself.</summary>
internal readonly struct DownstreamPath(HttpStream stream) : IFilteredStream
{
    public BufferPool Buffers => stream.Worker.Loop.Buffers;

    public bool IsOver(bool isRequest) => stream.IsOver(isRequest);

    public int KeptLimitBytes(bool isRequest) => isRequest ? stream.RequestBufferLimitBytes : stream.BufferLimitBytes;

    public ReadOnlySpan<byte> CopyToScratch(ReadOnlySpan<byte> bytes) => stream.CopyToScratch(bytes);

    public void OnHeadPassed(bool isRequest, HeaderMap head, bool endStream) => stream.OnHeadPassed(isRequest, head, endStream);

    public void OnDataPassed(bool isRequest, ReadOnlySpan<byte> data, bool endStream) => stream.OnDataPassed(isRequest, data, endStream);

    public void OnTrailersPassed(bool isRequest, HeaderMap trailers) => stream.OnTrailersPassed(isRequest, trailers);

    public void OnBufferLimitExceeded(bool isRequest) => stream.OnBufferLimitExceeded(isRequest);
}
