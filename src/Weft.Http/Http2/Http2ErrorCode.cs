namespace Weft.Http.Http2;

/// <summary>Why a stream was reset or a connection ended (RFC 9113 section 7).</summary>
public enum Http2ErrorCode : uint
{
    NoError, ProtocolError, InternalError, FlowControlError, SettingsTimeout, StreamClosed, FrameSizeError, RefusedStream, Cancel,
    CompressionError, ConnectError, EnhanceYourCalm, InadequateSecurity, Http11Required,
}
