using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.GrpcHttp1Bridge;

/// <summary>
/// HTTP/1.1 clients do not see trailers, in which gRPC puts its status: the response is held until they have come, the status moves to the
/// head, and a call that failed becomes a 503.
/// </summary>
internal sealed class GrpcHttp1BridgeFilter(GrpcHttp1BridgeFilterFactory config) : HttpFilter
{
    private readonly ByteWriter _request = new(0);
    private HeaderMap? _response;
    private long _responseBytes;
    private bool _bridges;
    private bool _framesRequest;
    private int _toStrip;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var isProtobuf = config.FramesProtobuf && headers.Get(KnownHeader.ContentType).SequenceEqual("application/x-protobuf"u8);
        if (isProtobuf)
        {
            headers.Set(KnownHeader.ContentType, "application/grpc"u8);
            headers.Remove(KnownHeader.ContentLength);
            Stream.ClearRouteCache();
        }

        _bridges = Stream.Info.Protocol < HttpProtocol.Http2 && GrpcRequest.Is(headers);
        if (!_bridges)
            return FilterStatus.Continue;
        if (config.DropsQuery)
            DropQuery(headers);
        if (!isProtobuf)
            return FilterStatus.Continue;
        _toStrip = GrpcPrefix.Bytes;
        _framesRequest = !endStream;
        return _framesRequest ? FilterStatus.StopAndBuffer : FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (!_framesRequest)
            return FilterStatus.Continue;
        if (_request.Length == 0)
        {
            // Room for the header of the frame, which is known at the end.
            _request.GetSpan(GrpcPrefix.Bytes);
            _request.Advance(GrpcPrefix.Bytes);
        }

        if (_request.Length + chunk.Bytes.Length > Stream.RequestBufferLimitBytes)
        {
            Stream.SendLocalReply(413, "Payload Too Large"u8, "request_payload_too_large");
            return FilterStatus.Ended;
        }

        _request.Write(chunk.Bytes);
        if (!chunk.EndStream)
        {
            chunk.Bytes = default;
            return FilterStatus.StopAndBuffer;
        }

        chunk.Bytes = Framed();
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (!_bridges || endStream)
            return FilterStatus.Continue;
        _response = headers;
        return FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (_response is null)
            return FilterStatus.Continue;
        var stripped = Math.Min(_toStrip, chunk.Bytes.Length);
        _toStrip -= stripped;
        chunk.Bytes = chunk.Bytes[stripped..];
        _responseBytes += chunk.Bytes.Length;
        return chunk.EndStream ? FilterStatus.Continue : FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
    {
        if (_response is not { } headers)
            return FilterStatus.Continue;
        if (trailers.Has(KnownHeader.GrpcStatus))
        {
            var status = trailers.Get(KnownHeader.GrpcStatus);
            if (!status.SequenceEqual("0"u8))
                headers.Set(KnownHeader.Status, "503"u8);
            headers.Set(KnownHeader.GrpcStatus, status);
        }

        if (trailers.Has(KnownHeader.GrpcMessage))
            headers.Set(KnownHeader.GrpcMessage, trailers.Get(KnownHeader.GrpcMessage));
        headers.Set(KnownHeader.ContentLength, _responseBytes);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _request.Clear();
        _response = null;
        _responseBytes = 0;
        _toStrip = 0;
        _bridges = _framesRequest = false;
    }

    private static void DropQuery(HeaderMap headers)
    {
        var path = headers.Get(KnownHeader.Path);
        if (path.IndexOf((byte)'?') is >= 0 and var query)
            headers.Set(KnownHeader.Path, path[..query]);
    }

    /// <summary>The collected message behind the header of its frame.</summary>
    private ReadOnlySpan<byte> Framed()
    {
        var length = _request.Length;
        _request.Clear();
        GrpcPrefix.Write(_request.GetSpan(length), flags: 0, length - GrpcPrefix.Bytes);
        _request.Advance(length);
        return _request.Written;
    }
}
