using Weft.Http.Http2;

namespace Weft.Proxy.Streams;

/// <summary>Http2ProtocolOptions as configured, of a connection manager or a cluster. Immutable.</summary>
internal sealed record Http2Config(Http2Options Options, Http2KeepaliveConfig? Keepalive);

/// <summary>connection_keepalive.</summary>
/// <param name="IntervalMs">Between an answer and the next question; 0: none is asked at intervals.</param>
/// <param name="TimeoutMs">How long an answer may take.</param>
/// <param name="JitterPercent">What is added to the interval at most; default 15.</param>
/// <param name="IdleIntervalMs">How long nothing must have come for a question to be asked when a stream is opened; 0: none is.</param>
internal sealed record Http2KeepaliveConfig(long IntervalMs, long TimeoutMs, long JitterPercent, long IdleIntervalMs);
