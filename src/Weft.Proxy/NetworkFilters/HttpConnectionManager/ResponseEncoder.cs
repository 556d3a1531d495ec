using Weft.Http;
using Weft.Http.Http2;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>The codec's end of one stream: where its response is written, and its request paused. Worker thread.</summary>
internal abstract class ResponseEncoder
{
    public abstract HttpProtocol Protocol { get; }

    /// <summary>Several streams share the connection (HTTP/2); HTTP/1 closes it where one stream cannot end in order.</summary>
    public abstract bool IsMultiplexed { get; }

    /// <summary>A 1xx response.</summary>
    public abstract void EncodeInformational(HeaderMap headers);

    public abstract void EncodeHeaders(HeaderMap headers, bool endStream);

    public abstract void EncodeData(ReadOnlySpan<byte> data, bool endStream);

    public abstract void EncodeTrailers(HeaderMap trailers);

    /// <summary>A block of HTTP/2 metadata; HTTP/1 has no place for it.</summary>
    public virtual void EncodeMetadata(ReadOnlySpan<byte> block)
    {
    }

    /// <summary>Ends the stream without completing its response.</summary>
    /// <param name="code">For a client that speaks HTTP/2.</param>
    public abstract void Reset(Http2ErrorCode code);

    /// <summary>Stops and resumes the delivery of request body; calls nest.</summary>
    public abstract void PauseRequest();

    public abstract void ResumeRequest();

    /// <summary>From now on request bytes are an opaque stream (an accepted upgrade or CONNECT).</summary>
    public abstract void SwitchToTunnel();

    /// <summary>The stream is over as far as the proxy is concerned: nothing more is written, nothing more of the request is wanted.</summary>
    public abstract void OnStreamDone(HttpStream stream);
}
