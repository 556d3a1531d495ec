namespace Weft.Http;

/// <summary>
/// Every <see cref="CodecError"/> there is. Details are Envoy's, where it has one for the case. Those that only
/// responses have carry 502; the router makes 502 of any that an upstream causes. Immutable.
/// </summary>
public static class CodecErrors
{
    private const string Codec = "http1.codec_error";
    private const string Url = "http1.invalid_url";
    private const string Authority = "http.invalid_authority";
    private const string TransferEncoding = "http1.invalid_transfer_encoding";

    // Request line.
    public static readonly CodecError InvalidMethod = new(400, Codec, "invalid or unknown method");
    public static readonly CodecError InvalidRequestLine = new(400, Codec, "malformed request line");
    public static readonly CodecError InvalidVersion = new(400, Codec, "unsupported HTTP version");
    public static readonly CodecError LowVersion = new(426, "low_version", "HTTP/1.0 is not accepted");
    public static readonly CodecError InvalidUrlCharacter = new(400, Codec, "invalid character in the request target");
    public static readonly CodecError InvalidTarget = new(400, Url, "invalid request target");
    public static readonly CodecError InvalidScheme = new(400, "http1.invalid_scheme", "invalid scheme in the request target");
    public static readonly CodecError HttpsInPlaintext = new(403, "http1.https_url_on_plaintext_connection", "https URL on a plaintext connection");

    // Host.
    public static readonly CodecError MissingHost = new(400, "missing_host_header", "no host header");
    public static readonly CodecError RepeatedHost = new(400, Authority, "more than one host header");
    public static readonly CodecError InvalidAuthority = new(400, Authority, "invalid host");

    // Header lines and trailers.
    public static readonly CodecError InvalidHeaderLine = new(400, Codec, "malformed header line");
    public static readonly CodecError FoldedHeader = new(400, Codec, "folded header line");
    public static readonly CodecError InvalidHeaderValue = new(400, "http1.invalid_characters", "invalid character in a header value");
    public static readonly CodecError InvalidLineEnd = new(400, Codec, "line not ended by CRLF");
    public static readonly CodecError HeadersTooLarge = new(431, "http1.headers_too_large", "headers size exceeds limit");
    public static readonly CodecError TooManyHeaders = new(431, "http1.too_many_headers", "headers count exceeds limit");
    public static readonly CodecError TrailersTooLarge = new(431, "http1.headers_too_large", "trailers size exceeds limit");
    public static readonly CodecError TooManyTrailers = new(431, "http1.too_many_headers", "trailers count exceeds limit");
    public static readonly CodecError UnexpectedUnderscore = new(400, "http1.unexpected_underscore", "underscore in a header name");

    /// <summary>For who strips hop-by-hop headers (<see cref="HopByHop"/>): the Connection header names what it must not.</summary>
    public static readonly CodecError ConnectionHeaderRejected = new(400, "http1.connection_header_rejected", "invalid names in the connection header");

    // Framing.
    public static readonly CodecError InvalidContentLength = new(400, Codec, "invalid content-length");
    public static readonly CodecError RepeatedContentLength = new(400, Codec, "more than one content-length");
    public static readonly CodecError ChunkedContentLength = new(400, "http1.content_length_and_chunked_not_allowed", "both content-length and transfer-encoding");
    public static readonly CodecError UnknownTransferEncoding = new(501, TransferEncoding, "unsupported transfer encoding");
    public static readonly CodecError RepeatedTransferEncoding = new(400, TransferEncoding, "more than one transfer-encoding");
    public static readonly CodecError TransferEncodingInHttp10 = new(400, TransferEncoding, "transfer-encoding in an HTTP/1.0 request");
    public static readonly CodecError BodyDisallowed = new(400, "http1.body_disallowed", "content-length on CONNECT");
    public static readonly CodecError InvalidChunk = new(400, Codec, "malformed chunk");
    public static readonly CodecError ChunkExtensionsTooLarge = new(400, Codec, "chunk extensions exceed limit");
    public static readonly CodecError UnexpectedEnd = new(400, Codec, "connection closed inside a message");

    // Responses.
    public static readonly CodecError InvalidStatusLine = new(502, Codec, "malformed status line");
    public static readonly CodecError TransferEncodingNotAllowed = new(502, "http1.transfer_encoding_not_allowed", "transfer-encoding on a 1xx or 204 response");
    public static readonly CodecError ContentLengthNotAllowed = new(502, "http1.content_length_not_allowed", "content-length on a 1xx or 204 response");
    public static readonly CodecError UnrequestedUpgrade = new(502, Codec, "101 response to a request that asked for no upgrade");
    public static readonly CodecError ExtraneousData = new(502, Codec, "data behind a complete response");
}
