namespace Weft.Http.Http1;

/// <summary>Limits and choices of a decoder (Envoy's Http1ProtocolOptions and HttpConnectionManager limits).</summary>
public sealed record Http1DecoderOptions
{
    /// <summary>Bytes of request or status line and headers; default 60 KiB (max_request_headers_kb).</summary>
    public int MaxHeadersBytes { get; init; } = 60 * 1024;

    /// <summary>Headers of one message; default 100 (max_headers_count).</summary>
    public int MaxHeadersCount { get; init; } = 100;

    /// <summary>accept_http_10; default false: an HTTP/1.0 request is answered 426.</summary>
    public bool AcceptHttp10 { get; init; }

    /// <summary>enable_trailers; default false: trailers are checked and dropped.</summary>
    public bool EnableTrailers { get; init; }

    /// <summary>allow_absolute_url; default true.</summary>
    public bool AllowAbsoluteUrl { get; init; } = true;

    /// <summary>allow_chunked_length; default false: content-length with transfer-encoding is refused.</summary>
    public bool AllowChunkedLength { get; init; }

    /// <summary>headers_with_underscores_action.</summary>
    public UnderscoreAction Underscores { get; init; }
}

/// <summary>headers_with_underscores_action: what to do with a header name that has an underscore.</summary>
public enum UnderscoreAction : byte { Allow, RejectRequest, DropHeader }

/// <summary>
/// HTTP/1 bytes to events, for requests or responses. Knows no sockets, clocks or threads, so it is fuzzed and replayed
/// in memory. Strict (RFC 9112): what is ambiguous is refused, never repaired.
/// </summary>
public sealed class Http1Decoder
{
    /// <param name="isResponse">Decodes responses (client side) rather than requests.</param>
    public Http1Decoder(bool isResponse, Http1DecoderOptions options, IMessageHandler handler) => throw new NotImplementedException();

    /// <summary>
    /// Takes bytes as they come, in any split, and calls the handler. Returns how many were taken: less than all only after
    /// <see cref="Pause"/>, or because a message ended while paused, or once a message was upgraded; the rest is the caller's to keep and to offer again.
    /// </summary>
    public int Decode(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>The peer sent its FIN: ends a response that is delimited by it, else a protocol error when inside a message.</summary>
    public void DecodeEnd() => throw new NotImplementedException();

    /// <summary>Makes <see cref="Decode"/> return after the current callback. A request decoder pauses itself after each complete message, so that pipelined requests wait their turn.</summary>
    public void Pause() => throw new NotImplementedException();

    public void Resume() => throw new NotImplementedException();

    public bool IsPaused => throw new NotImplementedException();

    /// <summary>Between messages: nothing of a next one has arrived.</summary>
    public bool IsIdle => throw new NotImplementedException();

    /// <summary>Version of the current (or last) message.</summary>
    public HttpProtocol Protocol => throw new NotImplementedException();

    /// <summary>The peer allows another message after this one (version and Connection header).</summary>
    public bool KeepAlive => throw new NotImplementedException();

    /// <summary>Bytes of the current head as received; for the wire-byte statistics.</summary>
    public int HeadBytes => throw new NotImplementedException();

    /// <summary>Responses only: says that the next response answers a HEAD or CONNECT request, which decides whether it has a body.</summary>
    public void ExpectResponseTo(ReadOnlySpan<byte> method) => throw new NotImplementedException();

    /// <summary>From now on everything is body without end (an accepted upgrade or CONNECT): OnData for every byte.</summary>
    public void SwitchToTunnel() => throw new NotImplementedException();

    /// <summary>Ready for a new connection of the same kind (pooling).</summary>
    public void Reset() => throw new NotImplementedException();
}
