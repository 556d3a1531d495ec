using Weft.Http.Http2.Streams;

namespace Weft.Http.Http2;

/// <summary>What happens on a connection beyond its streams.</summary>
public interface IHttp2ConnectionHandler
{
    /// <summary>The peer opens a stream (servers only): gives its handler, which is the stream's own if it has one from an earlier use.</summary>
    IHttp2StreamHandler OnStreamOpened(Http2Stream stream);

    /// <summary>Something was put into the output from outside <see cref="Http2Connection.Decode"/>.</summary>
    void OnOutput();

    /// <summary>Streams have closed: call <see cref="Http2Connection.ReturnClosedStreams"/> at the end of the turn. Or received data waits for <see cref="Http2Connection.DeliverHeld"/>.</summary>
    void OnTurnEndWork();

    /// <summary>The peer's settings are here, or others than before.</summary>
    void OnSettings();

    /// <summary>The peer takes no more streams. Those that it will not serve were told already.</summary>
    void OnGoAway(Http2ErrorCode code);

    /// <summary>The answer to <see cref="Http2Connection.SendPing"/>.</summary>
    void OnPingAck(ulong opaque);

    /// <summary>The peer broke the protocol; GOAWAY is in the output, nothing more is decoded. Called at most once.</summary>
    void OnConnectionError(Http2Fault fault);
}
