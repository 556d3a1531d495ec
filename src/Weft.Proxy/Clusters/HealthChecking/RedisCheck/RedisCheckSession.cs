using Envoy.Data.Core.V3;
using Weft.Base.Buffers;
using Weft.Net;

namespace Weft.Proxy.Clusters.HealthChecking.RedisCheck;

/// <summary>The Redis checks of one endpoint. Main thread.</summary>
internal sealed class RedisCheckSession(RedisCheckKind kind, HealthChecker checker, Endpoint endpoint) : HealthCheckSession(checker, endpoint), IConnectionHandler
{
    /// <summary>The answers are one short line.</summary>
    private const int MaxLineBytes = 1024;

    private readonly ByteWriter _received = new();
    private Connection? _socket;
    private bool _isAsked;

    protected override void BeginCheck()
    {
        _socket ??= Checker.Connect(Endpoint, this);
        _isAsked = true;
        _socket.Write(kind.Request);
    }

    protected override void Abandon()
    {
        _isAsked = false;
        _received.Clear();
        var socket = _socket;
        _socket = null;
        socket?.Close(CloseMode.Now);
    }

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        _received.Write(data);
        var end = _received.Written.IndexOf("\r\n"u8);
        if (end < 0 && _received.Length <= MaxLineBytes)
            return;
        var isAnswer = _isAsked && end >= 0;
        var isHealthy = isAnswer && kind.IsHealthy(_received.Written[..end]);
        var isComplete = isAnswer && end + 2 == _received.Length;
        var wasAsked = _isAsked;
        _isAsked = false;
        _received.Clear();
        // What comes unasked, or more than a line, would be taken for the next answer.
        if (!isComplete || !Config.ReuseConnection)
            Abandon();
        if (isHealthy)
            Succeed();
        else if (wasAsked)
            Fail(HealthCheckFailureType.Active);
    }

    void IConnectionHandler.OnReadEnd() => OnLost();

    void IConnectionHandler.OnClosed(CloseReason reason) => OnLost();

    void IConnectionHandler.OnAboveHighWatermark()
    {
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
    }

    /// <summary>Between two checks a connection may end; the next check makes another.</summary>
    private void OnLost()
    {
        var wasAsked = _isAsked;
        Abandon();
        if (wasAsked)
            Fail(HealthCheckFailureType.Network);
    }
}
