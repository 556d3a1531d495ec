using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Serving;

namespace Weft.XdsServer;

/// <summary>
/// One gRPC call of a client: frames and status around an <see cref="IGrpcSession"/>. While more waits for the client than it may, its requests wait too; when
/// it takes nothing for long the stream is closed. Loop thread.
/// </summary>
internal sealed class DiscoveryStream : IHttp2StreamHandler
{
    private const int MaxRequestBytes = 16 * 1024 * 1024;

    private readonly DiscoveryServer _server;
    private readonly DiscoveryConnection _connection;
    private readonly Http2Stream _stream;
    private readonly HeaderMap _headers = new();
    private readonly GrpcFrames _frames = new(MaxRequestBytes);
    private readonly ReadingWatch _watch;
    private IGrpcSession? _session;
    private long _written;
    private bool _isLastRequest;

    public DiscoveryStream(DiscoveryServer server, DiscoveryConnection connection, Http2Stream stream)
    {
        (_server, _connection, _stream) = (server, connection, stream);
        _watch = new ReadingWatch(server.Loop, server.StallLimitMs, () => (_written - stream.WaitingBytes, stream.WaitingBytes > 0), OnStalled);
    }

    HeaderMap IMessageHandler.OnMessageBegin() => _headers;

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream)
    {
        var path = Encoding.ASCII.GetString(headers.Get(KnownHeader.Path));
        if (_server.Begin(path, _connection.Client, Send) is not { } session)
        {
            End(GrpcAnswer.Unimplemented, $"unknown method {path}");
            return;
        }

        _session = session;
        // Before the first request: clients wait for it.
        new GrpcAnswer(_stream, _headers).Begin();
        if (endStream)
            End(0, "");
    }

    void IMessageHandler.OnInformational(HeaderMap headers)
    {
    }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        _frames.Append(data);
        _isLastRequest |= endStream;
        TakeRequests();
    }

    void IMessageHandler.OnTrailers(HeaderMap trailers)
    {
        _isLastRequest = true;
        TakeRequests();
    }

    void IMessageHandler.OnProtocolError(CodecError error) => Leave();

    void IHttp2StreamHandler.OnReset(Http2ErrorCode code) => Leave();

    void IHttp2StreamHandler.OnBackedUp() => _stream.Pause();

    void IHttp2StreamHandler.OnDrained()
    {
        _stream.Resume();
        // Not from within the codec's sending: answers are sent.
        _server.Loop.Post(TakeRequests);
    }

    void IHttp2StreamHandler.OnClosed()
    {
        _watch.Stop();
        Leave();
    }

    private void TakeRequests()
    {
        while (_session is not null && !_stream.IsBackedUp)
        {
            var taken = _frames.TryTake(out var message);
            if (taken is null)
                End(GrpcAnswer.Unimplemented, "the message is compressed or too long");
            else if (taken is true)
                Take(message);
            else if (_isLastRequest)
                End(0, "");
            else
                return;
        }
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        try
        {
            if (_session!.OnMessage(message) is { } fault)
                End(GrpcAnswer.InvalidArgument, fault);
        }
        catch (InvalidProtocolBufferException e)
        {
            End(GrpcAnswer.InvalidArgument, e.Message);
        }
    }

    private void Send(IMessage response)
    {
        var frame = new byte[GrpcFrames.PrefixBytes + response.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - GrpcFrames.PrefixBytes);
        response.WriteTo(frame.AsSpan(GrpcFrames.PrefixBytes));
        _written += frame.Length;
        _stream.WriteData(frame, endStream: false);
        _watch.Note();
    }

    /// <summary>Where the socket takes nothing either it is a matter of the connection.</summary>
    private void OnStalled()
    {
        if (_connection.HasUnsent)
        {
            _watch.Note();
            return;
        }

        _server.OnStalled(_connection, "its stream");
        _stream.Reset(Http2ErrorCode.EnhanceYourCalm);
    }

    private void End(int status, string message)
    {
        var hasBegun = _session is not null;
        Leave();
        new GrpcAnswer(_stream, _headers).End(hasBegun, status, message);
    }

    private void Leave()
    {
        var session = _session;
        _session = null;
        session?.OnClosed();
    }
}
