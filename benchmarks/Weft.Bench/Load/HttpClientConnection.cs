using Weft.Net;

namespace Weft.Bench.Load;

/// <summary>Hears of the answers to a load's requests.</summary>
internal interface ILoad
{
    /// <summary>A whole answer arrived.</summary>
    void OnResponse(HttpClientConnection client);

    /// <summary>An answer other than 200, or a connection lost before its answer was whole.</summary>
    void OnFailed(HttpClientConnection client, string reason);
}

/// <summary>One keep-alive connection of the load: a request at a time, the answer's head searched for its end only.</summary>
internal sealed class HttpClientConnection : Quiet
{
    private readonly Connection _connection;
    private readonly ILoad _load;
    private readonly byte[] _request;
    private readonly int _bodyBytes;
    private byte[] _partialHead = [];
    private long _bodyLeft;

    public HttpClientConnection(EventLoop loop, NetAddress proxy, int bodyBytes, byte[] request, ILoad load)
    {
        _load = load;
        _request = request;
        _bodyBytes = bodyBytes;
        _connection = Connection.Connect(loop, proxy, connectTimeoutMs: 5_000, this);
        _connection.HighWatermarkBytes = 0;
    }

    /// <summary>When the request under way was sent, or should have been (microseconds of the loop).</summary>
    public long StartedUs { get; private set; }

    public bool IsBusy { get; private set; }

    public bool IsConnected { get; private set; }

    /// <param name="startedUs">From when its latency counts.</param>
    public void Send(long startedUs)
    {
        StartedUs = startedUs;
        IsBusy = true;
        _connection.Write(_request);
    }

    public void Close() => _connection.Close(CloseMode.Now);

    public override void OnConnected() => IsConnected = true;

    public override void OnData(ReadOnlySpan<byte> data)
    {
        if (_bodyLeft == 0 && !TakeHead(ref data))
            return;
        _bodyLeft -= data.Length;
        if (_bodyLeft > 0)
            return;
        IsBusy = false;
        _load.OnResponse(this);
    }

    public override void OnReadEnd()
    {
        _connection.Close(CloseMode.Now);
        _load.OnFailed(this, "the proxy closed a connection");
    }

    public override void OnClosed(CloseReason reason) =>
        _load.OnFailed(this, $"a connection to the proxy ended: {reason} {NetException.Text(_connection.LastError)}");

    /// <summary>Takes the head off the data; false when it is not whole yet or not what it should be.</summary>
    private bool TakeHead(ref ReadOnlySpan<byte> data)
    {
        if (_partialHead.Length > 0)
        {
            data = (byte[])[.. _partialHead, .. data];
            _partialHead = [];
        }
        var end = data.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            _partialHead = data.ToArray();
            return false;
        }
        if (!data.StartsWith("HTTP/1.1 200"u8))
        {
            _connection.Close(CloseMode.Now);
            _load.OnFailed(this, $"answered {System.Text.Encoding.ASCII.GetString(data[..data.IndexOf((byte)'\r')])}");
            return false;
        }
        _bodyLeft = _bodyBytes;
        data = data[(end + 4)..];
        return true;
    }
}
