using Weft.Http;
using Weft.Net;
using Weft.Net.Tls;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>One request on an upstream connection, of whatever HTTP version. Worker thread.</summary>
internal abstract class UpstreamStream
{
    /// <summary>Null: it is no HTTP.</summary>
    public abstract HttpProtocol? Protocol { get; }

    public abstract NetAddress LocalAddress { get; }

    /// <summary>Which of the endpoint's addresses answered.</summary>
    public abstract NetAddress RemoteAddress { get; }

    /// <summary>Its connection's handshake; null in clear text.</summary>
    public virtual TlsFacts? Tls => null;

    /// <summary>When its connection was begun, established, and secured, by the loop's clock; 0: it was not, or nobody knows.</summary>
    public virtual (long BegunUs, long ConnectedUs, long SecuredUs) Moments => default;

    /// <summary>A number for logs, unique in the process.</summary>
    public abstract long ConnectionId { get; }

    /// <summary>The connection has served a request before this one.</summary>
    public abstract bool IsReused { get; }

    /// <summary>Not a byte of this request has left the process: it may be sent again elsewhere whatever it asks for.</summary>
    public abstract bool NothingSent { get; }

    /// <param name="headers">Of the request.</param>
    /// <param name="endStream">There is no body.</param>
    /// <param name="tunnel">The request is an upgrade or a CONNECT: body is an opaque stream both ways, once the upstream agrees.</param>
    public abstract void EncodeHeaders(HeaderMap headers, bool endStream, bool tunnel);

    public abstract void EncodeData(ReadOnlySpan<byte> data, bool endStream);

    public abstract void EncodeTrailers(HeaderMap trailers);

    /// <summary>A block of HTTP/2 metadata, behind the head; nothing where there is no place for it.</summary>
    public virtual void EncodeMetadata(ReadOnlySpan<byte> block)
    {
    }

    /// <summary>Gives the stream up; its handler hears nothing more.</summary>
    public abstract void Cancel();

    /// <summary>Stops and resumes the delivery of the response; calls nest.</summary>
    public abstract void PauseResponse();

    public abstract void ResumeResponse();
}

/// <summary>Who asked a pool for a stream. After a reset or the response's end nothing more is called.</summary>
internal interface IUpstreamHandler
{
    /// <summary>A connection is there: the request may be written. Possibly from within the asking call.</summary>
    void OnPoolReady(UpstreamStream stream);

    /// <summary>There is no connection to be had. Possibly from within the asking call.</summary>
    /// <param name="transportFailure">What the system says; null when it has nothing to say.</param>
    void OnPoolFailure(ResetReason reason, string? transportFailure);

    /// <summary>The response's first byte has come: gives the map for its head.</summary>
    HeaderMap OnResponseBegin();

    void OnInformational(HeaderMap headers);

    void OnResponseHeaders(HeaderMap headers, bool endStream);

    void OnResponseData(ReadOnlySpan<byte> data, bool endStream);

    void OnResponseTrailers(HeaderMap trailers);

    /// <summary>A block of HTTP/2 metadata (allow_metadata), also before the head.</summary>
    void OnResponseMetadata(ReadOnlySpan<byte> block)
    {
    }

    void OnReset(ResetReason reason, CodecError? error);

    /// <summary>Request bytes wait beyond the buffer limit; and no longer.</summary>
    void OnRequestBackedUp();

    void OnRequestDrained();
}
