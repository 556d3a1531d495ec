using System.Text;
using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Serving;

namespace Weft.XdsServer;

/// <summary>One gRPC call of a client: frames and status around an <see cref="IGrpcSession"/>. Loop thread.</summary>
internal sealed class DiscoveryStream(DiscoveryServer server, Http2Stream stream) : IHttp2StreamHandler
{
    private const int MaxRequestBytes = 16 * 1024 * 1024;

    private readonly HeaderMap _headers = new();
    private readonly GrpcFrames _frames = new(MaxRequestBytes);
    private readonly ByteWriter _output = new();
    private IGrpcSession? _session;

    HeaderMap IMessageHandler.OnMessageBegin() => _headers;

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream)
    {
        var path = Encoding.ASCII.GetString(headers.Get(KnownHeader.Path));
        if (server.Begin(path, Send) is not { } session)
        {
            End(GrpcAnswer.Unimplemented, $"unknown method {path}");
            return;
        }

        _session = session;
        // Before the first request: clients wait for it.
        new GrpcAnswer(stream, _headers).Begin();
        if (endStream)
            End(0, "");
    }

    void IMessageHandler.OnInformational(HeaderMap headers)
    {
    }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        _frames.Append(data);
        while (_session is not null)
        {
            var taken = _frames.TryTake(out var message);
            if (taken is null)
                End(GrpcAnswer.Unimplemented, "the message is compressed or too long");
            else if (taken is false)
                break;
            else if (Take(message) is { } fault)
                End(GrpcAnswer.InvalidArgument, fault);
        }

        if (endStream && _session is not null)
            End(0, "");
    }

    void IMessageHandler.OnTrailers(HeaderMap trailers) => End(0, "");

    void IMessageHandler.OnProtocolError(CodecError error) => Leave();

    void IHttp2StreamHandler.OnReset(Http2ErrorCode code) => Leave();

    void IHttp2StreamHandler.OnBackedUp()
    {
    }

    void IHttp2StreamHandler.OnDrained()
    {
    }

    void IHttp2StreamHandler.OnClosed() => Leave();

    private string? Take(ReadOnlySpan<byte> message)
    {
        try
        {
            return _session!.OnMessage(message);
        }
        catch (InvalidProtocolBufferException e)
        {
            return e.Message;
        }
    }

    private void Send(IMessage response)
    {
        _output.Clear();
        GrpcFrames.Write(response.ToByteArray(), _output);
        stream.WriteData(_output.Written, endStream: false);
    }

    private void End(int status, string message)
    {
        var hasBegun = _session is not null;
        Leave();
        new GrpcAnswer(stream, _headers).End(hasBegun, status, message);
    }

    private void Leave()
    {
        var session = _session;
        _session = null;
        session?.OnClosed();
    }
}
