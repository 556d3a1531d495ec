using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Listeners.ListenerFilters;

/// <summary>An accepted connection while listener filters look at it, and what they have found. Worker thread.</summary>
/// <remarks>
/// Its bytes are kept and given to every filter in turn; what none took goes to the filter chain. The client must have said enough within
/// listener_filters_timeout.
/// </remarks>
public sealed class AcceptedConnection : IConnectionHandler
{
    private readonly WorkerListener _owner;
    private readonly ListenerFilter[] _filters;
    private readonly ByteWriter _received = new();
    private LoopTimer? _timer;
    private int _current;
    private bool _needsData;
    private bool _isOver;

    internal AcceptedConnection(WorkerListener owner, Connection socket)
    {
        _owner = owner;
        Socket = socket;
        LocalAddress = socket.LocalAddress;
        RemoteAddress = socket.RemoteAddress;
        var factories = owner.Config.ListenerFilters;
        _filters = new ListenerFilter[factories.Length];
        for (var i = 0; i < factories.Length; i++)
            _filters[i] = factories[i].Create();
    }

    /// <summary>A connection that came to one listener and is another's: its filters look at it anew, beginning with what is known.</summary>
    internal static AcceptedConnection HandedOver(WorkerListener owner, AcceptedConnection found) => new(owner, found.Socket)
    {
        LocalAddress = found.LocalAddress,
        IsLocalAddressRestored = found.IsLocalAddressRestored,
        RemoteAddress = found.RemoteAddress,
        ServerName = found.ServerName,
        Ja3Fingerprint = found.Ja3Fingerprint,
        Ja4Fingerprint = found.Ja4Fingerprint,
        TransportProtocol = found.TransportProtocol,
        ApplicationProtocols = found.ApplicationProtocols,
        ProxyHeader = found.ProxyHeader,
        UpstreamSource = found.UpstreamSource,
        Metadata = found.Metadata,
        IsHandedOver = true,
    };

    public Connection Socket { get; }

    public long NowUs => Socket.Loop.NowUs;

    /// <summary>Where the client wanted to go.</summary>
    public NetAddress LocalAddress { get; set; }

    /// <summary><see cref="LocalAddress"/> is where the client wanted to go before it was redirected here.</summary>
    public bool IsLocalAddressRestored { get; set; }

    /// <summary>Who the client is.</summary>
    public NetAddress RemoteAddress { get; set; }

    /// <summary>Lower case; empty when it named none.</summary>
    public string ServerName { get; set; } = "";

    /// <summary>Of the client's TLS hello; null where nobody asks for it.</summary>
    public string? Ja3Fingerprint { get; set; }

    /// <summary>The same in the newer form.</summary>
    public string? Ja4Fingerprint { get; set; }

    /// <summary><c>tls</c> or <c>raw_buffer</c>.</summary>
    public string TransportProtocol { get; set; } = FilterChainMatchInput.RawBuffer;

    public IReadOnlyList<string> ApplicationProtocols { get; set; } = [];

    /// <summary>What the client's proxy said, for a PROXY header to upstreams; null when it said nothing.</summary>
    public ProxyProtocol.ProxyHeader? ProxyHeader { get; set; }

    /// <summary>Where upstream connections shall seem to come from; null: from this host.</summary>
    public TransportSockets.UpstreamSource? UpstreamSource { get; set; }

    /// <summary>It came from another listener (use_original_dst), and goes to no third.</summary>
    internal bool IsHandedOver { get; private init; }

    /// <summary>Values for logs and headers, by namespace and key; null when there are none.</summary>
    public DynamicMetadata? Metadata { get; set; }

    internal FilterChainMatchInput MatchInput => new()
    {
        LocalAddress = LocalAddress,
        RemoteAddress = RemoteAddress,
        DirectRemoteAddress = Socket.RemoteAddress,
        ServerName = ServerName,
        TransportProtocol = TransportProtocol,
        ApplicationProtocols = ApplicationProtocols,
    };

    /// <summary>Lets the filters begin; the connection's handler for the time being, null when it is refused.</summary>
    internal IConnectionHandler? Start()
    {
        switch (RunFilters())
        {
            case ListenerFilterStatus.Continue:
                _isOver = true;
                return _owner.Open(Socket, this);
            case ListenerFilterStatus.Close:
                End();
                return null;
        }

        _owner.AddPending(this);
        if (_owner.Config.ListenerFiltersTimeoutMs is > 0 and var timeoutMs)
        {
            _timer = new LoopTimer(Socket.Loop, OnTimeout);
            _timer.Arm(timeoutMs);
        }

        return this;
    }

    /// <summary>Closes it; for a listener that closes everything.</summary>
    internal void Close()
    {
        Socket.Close(CloseMode.Now);
        Leave();
        End();
    }

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        _received.Write(data);
        switch (RunFilters())
        {
            case ListenerFilterStatus.Continue:
                OpenChain();
                break;
            case ListenerFilterStatus.Close:
                _owner.Config.Stats.DownstreamListenerFilterError.Inc();
                Close();
                break;
        }
    }

    void IConnectionHandler.OnReadEnd()
    {
        _owner.Config.Stats.DownstreamListenerFilterRemoteClose.Inc();
        Close();
    }

    void IConnectionHandler.OnClosed(CloseReason reason)
    {
        if (_isOver)
            return;
        _owner.Config.Stats.DownstreamListenerFilterRemoteClose.Inc();
        Leave();
        End();
    }

    void IConnectionHandler.OnAboveHighWatermark()
    {
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
    }

    private ListenerFilterStatus RunFilters()
    {
        while (_current < _filters.Length)
        {
            var filter = _filters[_current];
            if (!_needsData)
            {
                var accepted = filter.OnAccept(this);
                if (accepted == ListenerFilterStatus.Close)
                    return accepted;
                _needsData = accepted == ListenerFilterStatus.NeedsMore;
            }

            if (_needsData)
            {
                if (_received.Length == 0)
                    return ListenerFilterStatus.NeedsMore;
                var status = filter.OnData(this, _received.Written, out var consumed);
                if (status != ListenerFilterStatus.Continue)
                    return status;
                Drop(consumed);
            }

            _needsData = false;
            _current++;
        }

        return ListenerFilterStatus.Continue;
    }

    private void Drop(int count)
    {
        if (count == 0)
            return;
        var rest = _received.Written[count..].ToArray();
        _received.Clear();
        _received.Write(rest);
    }

    /// <summary>The connection goes to its filter chain, with the bytes that no filter took.</summary>
    private void OpenChain()
    {
        Leave();
        if (_owner.Open(Socket, this) is null)
            Socket.Close(CloseMode.Now);
        else
            Socket.Redeliver(_received.Written);
    }

    private void OnTimeout()
    {
        _owner.Config.Stats.DownstreamPreCxTimeout.Inc();
        if (_owner.Config.ContinuesOnListenerFiltersTimeout)
            OpenChain();
        else
            Close();
    }

    private void Leave()
    {
        _isOver = true;
        _timer?.Cancel();
        _owner.RemovePending(this);
    }

    private void End()
    {
        _isOver = true;
        _owner.ReleaseLimits();
    }
}
