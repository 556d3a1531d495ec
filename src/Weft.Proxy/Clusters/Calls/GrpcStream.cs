using System.Buffers.Text;
using System.Text;
using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Net;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.HttpFilters.Router;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>
/// A gRPC stream of the proxy's own through a cluster: its balancer, pools, circuit breakers, TLS and statistics. Messages both ways until
/// one side ends it. Used once; one thread.
/// </summary>
/// <param name="maxMessageBytes">A longer message of the server ends the stream.</param>
internal sealed class GrpcStream(IGrpcStreamHandler handler, int maxMessageBytes) : IUpstreamHandler
{
    private const int Internal = 13;
    private const int Unavailable = 14;
    private const int Unknown = 2;

    private static readonly HeaderName s_forwardedFor = new(KnownHeader.XForwardedFor);

    private readonly GrpcFrames _frames = new(maxMessageBytes);
    private readonly HeaderMap _headers = new();
    private readonly HeaderMap _responseHeaders = new();
    private readonly ByteWriter _output = new();
    private readonly StreamInfo _info = new();
    private PendingRequest? _pending;
    private UpstreamStream? _stream;
    private bool _isOver;

    /// <summary>Headers of the request beside those of every gRPC call; set before <see cref="Start"/>.</summary>
    public HeaderMap Headers => _headers;

    /// <summary>Begins; the handler hears how it went, possibly from within this call.</summary>
    /// <param name="authority">:authority.</param>
    /// <param name="path">:path: <c>/package.Service/Method</c>.</param>
    public void Start(WorkerCluster cluster, string authority, string path)
    {
        _headers.Set(KnownHeader.Method, "POST"u8);
        _headers.Set(KnownHeader.Path, Encoding.ASCII.GetBytes(path));
        _headers.Set(KnownHeader.Authority, Encoding.ASCII.GetBytes(authority));
        _headers.Set(KnownHeader.Scheme, "http"u8);
        _headers.Set(KnownHeader.Te, "trailers"u8);
        _headers.Set(KnownHeader.ContentType, "application/grpc"u8);
        _headers.Set(KnownHeader.XEnvoyInternal, "true"u8);
        if (cluster.Pick(new LoadBalancerContext(_info, _headers)) is not { } endpoint)
        {
            cluster.Config.Stats.UpstreamCxNoneHealthy.Inc();
            Close(Unavailable, "no healthy upstream");
            return;
        }

        _pending = new PendingRequest(this);
        cluster.NewFilteredStream(endpoint, _pending, _headers);
    }

    /// <summary>Sends a message, as soon as there is a connection.</summary>
    public void Send(IMessage message)
    {
        if (_isOver)
            return;
        GrpcFrames.Write(message.ToByteArray(), _output);
        if (_stream is not null)
            WriteOut();
    }

    /// <summary>Gives the stream up; the handler hears nothing more.</summary>
    public void Cancel()
    {
        if (_isOver)
            return;
        _isOver = true;
        if (_pending is { IsWaiting: true })
            _pending.Cancel();
        var stream = _stream;
        _stream = null;
        stream?.Cancel();
    }

    void IUpstreamHandler.OnPoolReady(UpstreamStream stream)
    {
        _stream = stream;
        Span<byte> text = stackalloc byte[NetAddress.MaxTextBytes];
        _headers.Add(s_forwardedFor, text[..stream.LocalAddress.Format(text, withPort: false)]);
        stream.EncodeHeaders(_headers, endStream: false, tunnel: false);
        handler.OnStreamOpened();
        if (_stream is not null && _output.Length > 0)
            WriteOut();
    }

    void IUpstreamHandler.OnPoolFailure(ResetReason reason, string? transportFailure) =>
        Close(Unavailable, transportFailure is null ? UpstreamFailure.TextOf(reason) : $"{UpstreamFailure.TextOf(reason)}: {transportFailure}");

    HeaderMap IUpstreamHandler.OnResponseBegin() => _responseHeaders;

    void IUpstreamHandler.OnInformational(HeaderMap headers)
    {
    }

    void IUpstreamHandler.OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (endStream)
            End(headers);
        else if (headers.Status != 200)
            Abort(Unavailable, $"HTTP status {headers.Status}");
    }

    void IUpstreamHandler.OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        _frames.Append(data);
        while (!_isOver)
        {
            switch (_frames.TryTake(out var message))
            {
                case true:
                    handler.OnMessage(message);
                    continue;
                case null:
                    Abort(Internal, $"a message is compressed or longer than {maxMessageBytes} bytes");
                    return;
            }

            break;
        }

        if (endStream && !_isOver)
            Close(Unknown, "the stream ended without a status");
    }

    void IUpstreamHandler.OnResponseTrailers(HeaderMap trailers) => End(trailers);

    void IUpstreamHandler.OnReset(ResetReason reason, CodecError? error) => Close(Unavailable, UpstreamFailure.TextOf(reason));

    void IUpstreamHandler.OnRequestBackedUp() => handler.OnStreamBackedUp();

    void IUpstreamHandler.OnRequestDrained() => handler.OnStreamDrained();

    private void WriteOut()
    {
        _stream!.EncodeData(_output.Written, endStream: false);
        _output.Clear();
    }

    private void End(HeaderMap with)
    {
        if (_isOver)
            return;
        var text = with.Get(KnownHeader.GrpcStatus);
        if (!Utf8Parser.TryParse(text, out int status, out _))
            status = with.Status is 0 or 200 ? Unknown : Unavailable;
        var message = Uri.UnescapeDataString(Encoding.UTF8.GetString(with.Get(KnownHeader.GrpcMessage)));
        // The server has ended its side; ours ends with it.
        var stream = _stream;
        _stream = null;
        Close(status, message);
        stream?.Cancel();
    }

    private void Abort(int status, string message)
    {
        var stream = _stream;
        _stream = null;
        Close(status, message);
        stream?.Cancel();
    }

    private void Close(int status, string message)
    {
        if (_isOver)
            return;
        _isOver = true;
        _stream = null;
        handler.OnStreamClosed(status, message);
    }
}
