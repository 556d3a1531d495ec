namespace Weft.Http.Http2;

/// <summary>A way in which a peer can break HTTP/2: what it is told, and what is told about it here.</summary>
/// <param name="Code">Stands in GOAWAY or RST_STREAM.</param>
public sealed record Http2Fault(Http2ErrorCode Code, CodecError Error)
{
    private const string Codec = "codec_error:";

    // The connection as a whole.
    public static readonly Http2Fault BadPreface = Of(Http2ErrorCode.ProtocolError, Codec, "not a client of HTTP/2");
    public static readonly Http2Fault NoSettings = Of(Http2ErrorCode.ProtocolError, Codec, "the first frame is not SETTINGS");
    public static readonly Http2Fault FrameSize = Of(Http2ErrorCode.FrameSizeError, Codec, "a frame of a length that it cannot have");
    public static readonly Http2Fault BadFrame = Of(Http2ErrorCode.ProtocolError, Codec, "a frame that may not stand here");
    public static readonly Http2Fault BadSetting = Of(Http2ErrorCode.ProtocolError, Codec, "a setting of a value that it cannot have");
    public static readonly Http2Fault BadWindow = Of(Http2ErrorCode.FlowControlError, Codec, "flow control window out of range");
    public static readonly Http2Fault BadStreamId = Of(Http2ErrorCode.ProtocolError, Codec, "a stream identifier that may not stand here");
    public static readonly Http2Fault Closed = Of(Http2ErrorCode.StreamClosed, Codec, "a frame on a stream that the sender has ended");
    public static readonly Http2Fault Compression = Of(Http2ErrorCode.CompressionError, Codec, "a header block that cannot be decoded");
    public static readonly Http2Fault HeaderBlockTooLarge = Of(Http2ErrorCode.EnhanceYourCalm, "http2.too_many_headers", "a header block without end");
    public static readonly Http2Fault TooManySettings = Of(Http2ErrorCode.EnhanceYourCalm, Codec, "too many settings in a frame");
    public static readonly Http2Fault TooManyPriorities = Of(Http2ErrorCode.EnhanceYourCalm, Codec, "Too many PRIORITY frames");
    public static readonly Http2Fault TooManyWindowUpdates = Of(Http2ErrorCode.EnhanceYourCalm, Codec, "Too many WINDOW_UPDATE frames");
    public static readonly Http2Fault EmptyFrames = Of(Http2ErrorCode.EnhanceYourCalm, "http2.inbound_empty_frames_flood", "too many empty frames");
    public static readonly Http2Fault OutboundFlood = Of(Http2ErrorCode.EnhanceYourCalm, "http2.outbound_frames_flood", "too many frames wait to be sent");

    public static readonly Http2Fault MetadataTooLarge = Of(Http2ErrorCode.EnhanceYourCalm, Codec, "a block of metadata without end");

    // One message; by default they end the connection too.
    public static readonly Http2Fault Messaging = Of(Http2ErrorCode.ProtocolError, "http2.violation.of.messaging.rule", "a message that breaks the rules of HTTP");
    public static readonly Http2Fault BadField = Of(Http2ErrorCode.ProtocolError, "http2.invalid.header.field", "a field that no message may have");
    public static readonly Http2Fault Underscore = Of(Http2ErrorCode.ProtocolError, "http2.unexpected_underscore", "underscore in a header name");
    public static readonly Http2Fault TooManyHeaders = new(Http2ErrorCode.EnhanceYourCalm, new CodecError(431, "http2.too_many_headers", "headers exceed the limits"));

    /// <summary>Envoy tells a fault of the connection by its text, in one word.</summary>
    private static Http2Fault Of(Http2ErrorCode code, string details, string text) =>
        new(code, new CodecError(400, details == Codec ? Codec + text.Replace(' ', '_') : details, text));
}
