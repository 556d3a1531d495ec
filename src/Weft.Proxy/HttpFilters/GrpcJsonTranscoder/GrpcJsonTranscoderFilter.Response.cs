using System.Buffers.Text;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder;

/// <content>The response's way.</content>
internal sealed partial class GrpcJsonTranscoderFilter
{
    private HeaderMap? _head;
    private bool _anyData;
    private bool _isRawHeadSet;
    private long _countedResponseBytes;

    /// <summary>The head waits for the status, which comes last, or for the content type, which comes first in the body.</summary>
    private bool HoldsHead => !_method!.IsServerStreaming || (_method.IsRawResponse && !_isRawHeadSet);

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (_method is null || _isOver) return FilterStatus.Continue;
        if (endStream ? !headers.Has(KnownHeader.GrpcStatus) : headers.Status != 200 || !GrpcRequest.Is(headers))
        {
            _isOver = true;
            return FilterStatus.Continue;
        }

        _head = headers;
        if (!endStream || _method.IsServerStreaming) headers.Set(KnownHeader.ContentType, "application/json"u8);
        headers.Remove(KnownHeader.ContentLength);
        if (!endStream) return HoldsHead ? FilterStatus.StopAndBuffer : FilterStatus.Continue;
        return End(headers, endStream: true) ? FilterStatus.Continue : FilterStatus.Ended;
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (_method is null || _isOver) return FilterStatus.Continue;
        _anyData = true;
        var response = _response!;
        if (!HoldsHead) response.Output.Clear();
        if (!response.TryTake(chunk.Bytes)) return RefuseResponse();
        if (response.KeptBytes + response.Output.Length > (Config.MaxResponseBytes ?? Stream.BufferLimitBytes)) return RefuseResponseSize();
        CountResponseBytes(response.KeptBytes + (HoldsHead ? response.Output.Length : 0));
        if (_method.IsRawResponse && _method.IsServerStreaming) SetRawHead(response);
        var mustWait = HoldsHead && !chunk.EndStream;
        chunk.Bytes = mustWait ? default : response.Output.Written;
        return mustWait ? FilterStatus.StopAndBuffer : FilterStatus.Continue;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
    {
        if (_method is null || _isOver) return FilterStatus.Continue;
        if (!HoldsHead) _response!.Output.Clear();
        return End(trailers, endStream: false) ? FilterStatus.Continue : FilterStatus.Ended;
    }

    /// <summary>The status is known. What is left of the body goes out; a head that waited says how the call ended.</summary>
    /// <param name="trailers">The head itself, when the response has nothing else.</param>
    /// <param name="endStream">It has nothing else.</param>
    private bool End(HeaderMap trailers, bool endStream)
    {
        CountResponseBytes(0);
        var head = _head!;
        var isKnown = Utf8Parser.TryParse(trailers.Get(KnownHeader.GrpcStatus), out int status, out var used) && used == trailers.Get(KnownHeader.GrpcStatus).Length && status >= 0;
        if (isKnown && status != 0 && Config.ConvertsStatus && !_anyData && _response!.TryPrintStatus(status, trailers))
        {
            EndWithStatus(head, status, endStream);
            return true;
        }

        _response!.End();
        if (!_method!.IsServerStreaming || endStream) EndHead(head, trailers, isKnown ? status : -1, endStream);
        if (_response.Output.Length > 0) Stream.InjectResponseData(this, _response.Output.Written, endStream);
        return true;
    }

    private void EndHead(HeaderMap head, HeaderMap trailers, int status, bool endStream)
    {
        head.Set(KnownHeader.Status, status < 0 ? 503 : GrpcHttpStatus.Of(status));
        if (!endStream && status >= 0) head.Set(KnownHeader.GrpcStatus, status);
        if (!endStream && trailers.Has(KnownHeader.GrpcMessage)) head.Set(KnownHeader.GrpcMessage, trailers.Get(KnownHeader.GrpcMessage));
        DropTrailerHeader(head);
        if (_method!.IsServerStreaming) return;
        if (_method.IsRawResponse) SetRawHead(_response!);
        head.Set(KnownHeader.ContentLength, _response!.Output.Length);
    }

    /// <summary>convert_grpc_status: the status is the body.</summary>
    private void EndWithStatus(HeaderMap head, int status, bool endStream)
    {
        head.Set(KnownHeader.Status, GrpcHttpStatus.Of(status));
        if (endStream)
        {
            head.Remove(KnownHeader.GrpcStatus);
            head.Remove(KnownHeader.GrpcMessage);
            head.Remove(GrpcHeaders.StatusDetails);
        }

        DropTrailerHeader(head);
        head.Set(KnownHeader.ContentType, "application/json"u8);
        head.Set(KnownHeader.ContentLength, _response!.Output.Length);
        Stream.InjectResponseData(this, _response.Output.Written, endStream);
    }

    private void SetRawHead(ResponseTranscoder response)
    {
        if (_isRawHeadSet || response.ContentType.Length == 0) return;
        _isRawHeadSet = true;
        _head!.Set(KnownHeader.ContentType, response.ContentType);
    }

    /// <summary>A client of HTTP/1 gets no trailers.</summary>
    private void DropTrailerHeader(HeaderMap head)
    {
        if (Stream.Info.Protocol < HttpProtocol.Http2) head.Remove(GrpcHeaders.Trailer);
    }

    private FilterStatus RefuseResponse() => Answer(502, "the response is not a message of its type", $"{Failed}{{INVALID_ARGUMENT}}");

    private FilterStatus RefuseResponseSize() => Answer(
        500, "Response not transcoded because the transcoder's internal buffer size exceeds the configured limit.", $"{Failed}{{response_buffer_size_limit_reached}}");

    private void CountResponseBytes(long bytes)
    {
        factory.ResponseBytes.Add(bytes - _countedResponseBytes);
        _countedResponseBytes = bytes;
    }
}
