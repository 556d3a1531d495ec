using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.HttpFilters.GrpcStats;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.LocalReplies;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.GrpcWeb;

/// <summary>
/// Browsers cannot read trailers: gRPC-Web puts them into a last frame of the body, and may ask for a body in base64. A response that is
/// not gRPC (an error of some proxy) becomes a gRPC status.
/// </summary>
internal sealed class GrpcWebFilter(GrpcMethods methods) : HttpFilter
{
    /// <summary>How much of a response that is not gRPC becomes its message.</summary>
    private const int MaxMessageBytes = 16 * 1024;

    private static readonly HeaderName s_grpcAcceptEncoding = new(KnownHeader.GrpcAcceptEncoding);

    private readonly GrpcWebText _request = new();
    private readonly GrpcWebText _response = new();
    private readonly ByteWriter _message = new(0);
    private readonly ByteWriter _scratch = new(0);
    private HeaderMap? _foreignResponse;
    private GrpcMethod? _method;
    private bool _isGrpcWeb;
    private bool _isTextRequest;
    private bool _isTextResponse;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var type = headers.Get(KnownHeader.ContentType);
        _isTextRequest = IsText(type);
        _isGrpcWeb = _isTextRequest || type.SequenceEqual("application/grpc-web"u8) || type.SequenceEqual("application/grpc-web+proto"u8);
        if (!_isGrpcWeb)
            return FilterStatus.Continue;
        _isTextResponse = IsText(headers.Get(KnownHeader.Accept));
        _method = GrpcMethods.NameOf(headers.Get(KnownHeader.Path)) is { IsEmpty: false } name ? methods.Find(name) : null;
        headers.Remove(KnownHeader.ContentLength);
        headers.Set(KnownHeader.ContentType, "application/grpc"u8);
        headers.Set(KnownHeader.Te, "trailers"u8);
        if (!headers.Has(s_grpcAcceptEncoding))
            headers.Set(s_grpcAcceptEncoding, "identity"u8);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (!_isTextRequest)
            return FilterStatus.Continue;
        if (_request.TryDecode(chunk.Bytes, chunk.EndStream, out var decoded))
        {
            chunk.Bytes = decoded;
            return FilterStatus.Continue;
        }

        Stream.SendLocalReply(400, "Bad gRPC-web request, invalid base64 data."u8, "grpc_base_64_decode_failed");
        return FilterStatus.Ended;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (!_isGrpcWeb)
            return FilterStatus.Continue;
        CountStatus(headers);
        var isForeign = !endStream && !IsOwn(headers);
        headers.Remove(KnownHeader.ContentLength);
        headers.Set(KnownHeader.ContentType, _isTextResponse ? "application/grpc-web-text+proto"u8 : "application/grpc-web+proto"u8);
        if (!isForeign)
            return FilterStatus.Continue;
        _foreignResponse = headers;
        return FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (_foreignResponse is { } headers)
        {
            _message.Write(chunk.Bytes[..Math.Min(chunk.Bytes.Length, MaxMessageBytes - _message.Length)]);
            chunk.Bytes = default;
            if (!chunk.EndStream)
                return FilterStatus.StopAndBuffer;
            EndForeign(headers);
            return FilterStatus.Continue;
        }

        if (_isTextResponse)
            chunk.Bytes = _response.EncodeFrames(chunk.Bytes);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
    {
        if (!_isGrpcWeb)
            return FilterStatus.Continue;
        CountStatus(trailers);
        if (_foreignResponse is { } headers)
        {
            EndForeign(headers);
            return FilterStatus.Continue;
        }

        WriteTrailersFrame(trailers);
        Stream.InjectResponseData(this, _isTextResponse ? _response.EncodeFrames(_scratch.Written) : _scratch.Written, endStream: false);
        trailers.Clear();
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _request.Reset();
        _response.Reset();
        _message.Clear();
        _foreignResponse = null;
        _method = null;
        _isGrpcWeb = _isTextRequest = _isTextResponse = false;
    }

    private static bool IsText(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("application/grpc-web-text"u8) || type.SequenceEqual("application/grpc-web-text+proto"u8);

    /// <summary>gRPC, or gRPC-Web already.</summary>
    private static bool IsOwn(HeaderMap headers)
    {
        if (headers.Status != 200)
            return false;
        if (GrpcRequest.Is(headers))
            return true;
        var type = headers.Get(KnownHeader.ContentType);
        if (type.IndexOf((byte)';') is >= 0 and var parameters)
            type = type[..parameters].TrimEnd((byte)' ');
        return System.Text.Ascii.EqualsIgnoreCase(type, "application/grpc-web"u8) || System.Text.Ascii.EqualsIgnoreCase(type, "application/grpc-web+proto"u8);
    }

    private void CountStatus(HeaderMap headers)
    {
        if (_method is { } method && Stream.Info.UpstreamCluster is { } cluster && headers.Has(KnownHeader.GrpcStatus))
            method.AddStatus(cluster, headers.Get(KnownHeader.GrpcStatus));
    }

    private void EndForeign(HeaderMap headers)
    {
        _foreignResponse = null;
        _scratch.Clear();
        GrpcReply.WriteEscaped(_message.Written, _scratch);
        headers.Set(KnownHeader.GrpcMessage, _scratch.Written);
        headers.Set(KnownHeader.GrpcStatus, GrpcReply.StatusOf(headers.Status));
        headers.Set(KnownHeader.ContentLength, 0);
    }

    private void WriteTrailersFrame(HeaderMap trailers)
    {
        _scratch.Clear();
        _scratch.GetSpan(GrpcPrefix.Bytes);
        _scratch.Advance(GrpcPrefix.Bytes);
        for (var i = 0; i < trailers.Count; i++)
        {
            _scratch.Write(trailers.NameAt(i));
            _scratch.Write(":"u8);
            _scratch.Write(trailers.ValueAt(i));
            _scratch.Write("\r\n"u8);
        }

        var length = _scratch.Length;
        _scratch.Clear();
        GrpcPrefix.Write(_scratch.GetSpan(length), GrpcPrefix.TrailersFlag, length - GrpcPrefix.Bytes);
        _scratch.Advance(length);
    }
}
