using System.Text;

namespace Weft.Net.Tests;

/// <summary>A handler that remembers what happened and lets a test hook in.</summary>
internal sealed class Recorder(Connection? connection) : IConnectionHandler
{
    private bool _inMember;

    public Connection Connection { get; set; } = connection!;

    public MemoryStream Received { get; } = new();

    public string Text => Encoding.UTF8.GetString(Received.ToArray());

    public bool Connected { get; private set; }

    public int ReadEnds { get; private set; }

    public CloseReason? Closed { get; private set; }

    public int HighCalls { get; private set; }

    public int LowCalls { get; private set; }

    public DataAction? Data { get; set; }

    public Action? OnConnect { get; set; }

    public Action? OnEnd { get; set; }

    public Action? OnClose { get; set; }

    public Action? OnHigh { get; set; }

    public Action? OnLow { get; set; }

    /// <summary>Sends back what comes, and ends when the peer ends.</summary>
    public Recorder Echo()
    {
        Data = data => Connection.Write(data);
        OnEnd = () => Connection.ShutdownWrite();
        return this;
    }

    /// <summary>Runs an action of the test on the connection; no close may be told and no data handed out within it.</summary>
    public void Do(Action<Connection> action)
    {
        _inMember = true;
        action(Connection);
        _inMember = false;
    }

    public void OnConnected()
    {
        Connected = true;
        OnConnect?.Invoke();
    }

    public void OnData(ReadOnlySpan<byte> data)
    {
        Assert.False(_inMember, "data was handed out from within a call");
        Assert.Null(Closed);
        if (Data is null)
            Received.Write(data);
        else
            Data(data);
    }

    public void OnReadEnd()
    {
        Assert.Null(Closed);
        ReadEnds++;
        OnEnd?.Invoke();
    }

    public void OnClosed(CloseReason reason)
    {
        Assert.False(_inMember, "the close was told from within a call");
        Assert.Null(Closed);
        Closed = reason;
        OnClose?.Invoke();
    }

    public void OnAboveHighWatermark()
    {
        HighCalls++;
        OnHigh?.Invoke();
    }

    public void OnBelowLowWatermark()
    {
        LowCalls++;
        OnLow?.Invoke();
    }

    public delegate void DataAction(ReadOnlySpan<byte> data);
}
