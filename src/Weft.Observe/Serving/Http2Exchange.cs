using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Serving;

namespace Weft.Observe.Serving;

/// <summary>One stream: a gRPC call, or a request whose body is collected and answered. Loop thread.</summary>
internal sealed class Http2Exchange(Http2Protocol protocol, Http2Stream stream) : IHttp2StreamHandler
{
    private static readonly HeaderName GrpcEncoding = new("grpc-encoding");

    private readonly HeaderMap _request = new();
    private readonly HeaderMap _response = new();
    private readonly BodyBuffer _body = new(protocol.Server);
    private GrpcFrames? _frames;
    private GrpcCall? _call;
    private int _countedBytes;
    private bool _isOver;

    HeaderMap IMessageHandler.OnMessageBegin() => _request;

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream)
    {
        if (headers.Get(KnownHeader.ContentType).StartsWith("application/grpc"u8))
            BeginCall(Encoding.ASCII.GetString(headers.Get(KnownHeader.Path)));
        if (endStream)
            OnEnd();
    }

    void IMessageHandler.OnInformational(HeaderMap headers)
    {
    }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_isOver)
            return;
        if (_frames is not null)
            TakeMessages(data);
        else
            Collect(data);
        if (endStream && !_isOver)
            OnEnd();
    }

    void IMessageHandler.OnTrailers(HeaderMap trailers)
    {
        if (!_isOver)
            OnEnd();
    }

    void IMessageHandler.OnProtocolError(CodecError error) => _isOver = true;

    void IHttp2StreamHandler.OnReset(Http2ErrorCode code) => _isOver = true;

    void IHttp2StreamHandler.OnBackedUp()
    {
    }

    void IHttp2StreamHandler.OnDrained()
    {
    }

    void IHttp2StreamHandler.OnClosed()
    {
        _isOver = true;
        protocol.OpenStreams--;
        _frames?.Clear();
        CountFrames();
        _body.Clear();
    }

    private void BeginCall(string path)
    {
        _frames = new GrpcFrames(protocol.Server.Limits.MaxBodyBytes) { TakesCompressed = true };
        _call = protocol.Server.Handler.Begin(path);
        if (_call is null)
            EndCall(GrpcAnswer.Unimplemented, $"unknown method {path}");
    }

    private void TakeMessages(ReadOnlySpan<byte> data)
    {
        _frames!.Append(data);
        CountFrames();
        if (protocol.Server.Load.PendingBytes > protocol.Server.Limits.MaxPendingBytes)
        {
            EndCall(GrpcAnswer.ResourceExhausted, "too much is under way");
            return;
        }

        while (!_isOver && _frames.TryTake(out var message) is var taken and not false)
        {
            if (taken is null)
                EndCall(GrpcAnswer.ResourceExhausted, "the message is too long");
            else if (_frames.IsCompressed)
                Inflate(message);
            else
                Take(message);
        }
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        if (_call!.Take(message) is { } fault)
            EndCall(GrpcAnswer.InvalidArgument, fault);
    }

    /// <summary>A message that is compressed as the call's head says, within the limits of a body.</summary>
    private void Inflate(ReadOnlySpan<byte> message)
    {
        var encoding = _request.Get(GrpcEncoding);
        if (!encoding.SequenceEqual("gzip"u8))
        {
            EndCall(GrpcAnswer.Unimplemented, "messages may be compressed by gzip only");
            return;
        }

        _body.Append(message);
        var plain = _body.Take(encoding);
        if (_body.Fault == 0)
            Take(plain.Span);
        else
            EndCall(_body.Fault == 400 ? GrpcAnswer.InvalidArgument : GrpcAnswer.ResourceExhausted, "the message cannot be decompressed within the limits");
        _body.Clear();
    }

    /// <summary>What a call holds counts as what bodies hold.</summary>
    private void CountFrames()
    {
        var bytes = _frames?.BufferBytes ?? 0;
        protocol.Server.Load.PendingBytes += bytes - _countedBytes;
        _countedBytes = bytes;
    }

    private void Collect(ReadOnlySpan<byte> data)
    {
        _body.Append(data);
        if (_body.Fault != 0)
            Write(HttpAnswer.Empty(_body.Fault));
    }

    private void OnEnd()
    {
        if (_isOver)
            return;
        if (_call is not null)
        {
            EndCall(0, "");
            return;
        }

        var body = _body.Take(_request.Get(KnownHeader.ContentEncoding));
        Write(_body.Fault != 0 ? HttpAnswer.Empty(_body.Fault) : protocol.Server.Handler.Answer(HttpCall.Of(_request, body)));
    }

    private void Write(HttpAnswer answer)
    {
        _isOver = true;
        ResponseHead.Fill(_response, answer);
        var hasBody = answer.Body.Length > 0 && !_request.Get(KnownHeader.Method).SequenceEqual("HEAD"u8);
        stream.WriteHeaders(_response, endStream: !hasBody);
        if (hasBody)
            stream.WriteData(answer.Body.Span, endStream: true);
        stream.StopReading();
    }

    private void EndCall(int status, string message)
    {
        _isOver = true;
        var answer = new GrpcAnswer(stream, _response);
        if (status == 0)
        {
            var output = new ByteWriter();
            GrpcFrames.Write(_call!.Result.Span, output);
            answer.Begin();
            stream.WriteData(output.Written, endStream: false);
        }

        answer.End(hasBegun: status == 0, status, message);
    }
}
