using Weft.Base.Buffers;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Listeners.ListenerFilters;
using Weft.Proxy.NetworkFilters;
using Weft.Proxy.Streams;
using Weft.Proxy.TransportSockets.InternalUpstream;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Listeners;

/// <summary>An accepted connection with its network filters. Worker thread.</summary>
public sealed class DownstreamConnection : IConnectionHandler
{
    private static long _lastId;

    // Another one, when its listener is updated in place.
    private WorkerListener _owner;
    private readonly NetworkFilter[] _filters;

    // Data kept for the filters behind one that said Stop; null as long as none did.
    private ByteQueue? _held;
    private int _next;
    private bool _stopped;
    private bool _heldEnd;

    // The first bytes of what is kept, and the end, may have been seen by the filters up to the one that stopped them.
    private int _seenBytes;
    private int _goesOnAt;
    private int _endGoesOnAt;
    private bool _closed;

    // Neighbours in the list of a worker's open connections.
    internal DownstreamConnection? Previous;
    internal DownstreamConnection? Following;

    internal DownstreamConnection(WorkerListener owner, Connection socket, FilterChainConfig chain, AcceptedConnection? found = null)
    {
        _owner = owner;
        Socket = socket;
        Info.ConnectionId = Interlocked.Increment(ref _lastId);
        Info.StartTime = owner.Worker.Loop.UtcNow;
        Info.StartUs = Info.DownstreamAcceptedUs = owner.Worker.Loop.NowUs;
        Info.DownstreamRemoteAddress = Info.DownstreamDirectRemoteAddress = socket.RemoteAddress;
        Info.DownstreamLocalAddress = Info.DownstreamDirectLocalAddress = socket.LocalAddress;
        (socket.PassedThrough as PassedState)?.ApplyTo(Info);
        if (found is not null)
            Note(found);
        Info.ConnectionRemoteAddress = Info.DownstreamRemoteAddress;
        Chain = chain;
        Info.FilterChainName = chain.Name;
        (Info.Listener, Info.FilterChain) = (owner.Config.Source, chain.Source);
        var factories = chain.Filters;
        _filters = new NetworkFilter[factories.Length];
        for (var i = 0; i < factories.Length; i++)
        {
            _filters[i] = factories[i].Create(owner.Worker);
            _filters[i].Connection = this;
        }
    }

    public Worker Worker => _owner.Worker;

    /// <summary>The socket; filters write to it, pause and resume its reading, and close it through <see cref="Close"/>.</summary>
    public Connection Socket { get; }

    /// <summary>The chain it was given to.</summary>
    public FilterChainConfig Chain { get; }

    public StreamInfo Info { get; } = new();

    /// <summary>The client's handshake; null in clear text, and until it is done.</summary>
    public TlsFacts? Tls => (Socket.Transport as TlsTransport)?.Facts;

    public bool IsOpen => !_closed;

    /// <summary>Whether the response that is about to be sent is to be the last: the listener drains. Draws a lot anew each time (--drain-strategy).</summary>
    public bool AsksForClose => _owner.AsksForClose;

    /// <summary>The filter chain stays while the listener changes.</summary>
    internal void MoveTo(WorkerListener owner) => _owner = owner;

    internal void Start()
    {
        if (Chain.TransportSocket.TrySecure(Socket, _owner.Config.Overload.TransportSocketConnect.Limit(Chain.TransportSocketConnectTimeoutMs)))
            RunNewConnection();
        else
            Close(CloseMode.Now);
    }

    /// <summary>Has <see cref="Info"/> tell what the handshake came to, for filters that need it before the connection ends.</summary>
    public void NoteTls()
    {
        Info.DownstreamTls = Tls;
        Info.DownstreamSecuredUs = Socket.SecuredUs;
        Info.RequestedServerName ??= Info.DownstreamTls?.ServerName;
    }

    /// <summary>Goes on after <see cref="NetworkFilterStatus.Stop"/> of a filter that is not terminal. Not from within its own callback.</summary>
    public void ContinueReading()
    {
        if (_closed || !_stopped)
            return;
        _stopped = false;
        Socket.ResumeReading();
        RunNewConnection();
        while (!_stopped && !_closed && _held is { IsEmpty: false })
            PassHeld(_held);
        if (_stopped || _closed || !_heldEnd)
            return;
        PassEnd(_endGoesOnAt);
    }

    /// <summary>Closes the connection; filters hear OnClosed (once, possibly from within this call).</summary>
    public void Close(CloseMode mode)
    {
        if (_closed)
            return;
        Socket.Close(mode);
        if (mode != CloseMode.Flush)
            Finish(CloseReason.Local);
    }

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        if (_stopped || !PassData(data, false, 0))
            (_held ??= new ByteQueue(Worker.Loop.Buffers)).Append(data);
    }

    void IConnectionHandler.OnReadEnd()
    {
        if (_stopped)
            _heldEnd = true;
        else
            PassEnd(0);
    }

    void IConnectionHandler.OnClosed(CloseReason reason) => Finish(reason);

    void IConnectionHandler.OnAboveHighWatermark()
    {
        foreach (var filter in _filters)
            filter.OnAboveHighWatermark();
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
        foreach (var filter in _filters)
            filter.OnBelowLowWatermark();
    }

    internal void Drain()
    {
        foreach (var filter in _filters)
        {
            if (!_closed)
                filter.OnDrain();
        }
    }

    /// <summary>Tells the filters that have not heard of the connection yet, until one stops.</summary>
    private void RunNewConnection()
    {
        while (_next < _filters.Length)
        {
            if (_filters[_next++].OnNewConnection() == NetworkFilterStatus.Continue || _next == _filters.Length)
                continue;
            if (!_closed)
                Stop();
            return;
        }
    }

    /// <summary>False when a filter has stopped it, and it must be kept for those behind.</summary>
    private bool PassData(ReadOnlySpan<byte> data, bool endStream, int from)
    {
        for (var i = from; i < _filters.Length; i++)
        {
            if (_filters[i].OnData(data, endStream) == NetworkFilterStatus.Continue || i == _filters.Length - 1)
                continue;
            if (_closed)
                return true;
            (_seenBytes, _goesOnAt) = (data.Length, i + 1);
            Stop();
            return false;
        }

        return true;
    }

    private void PassEnd(int from)
    {
        _heldEnd = !PassData([], true, from);
        _endGoesOnAt = _goesOnAt;
    }

    /// <summary>Passes on what was kept: first what some filters have seen already, in one piece, to the others.</summary>
    private void PassHeld(ByteQueue held)
    {
        var (seen, from) = (_seenBytes, _goesOnAt);
        _seenBytes = 0;
        var piece = held.First;
        if (seen > 0)
        {
            var copy = new byte[seen];
            held.CopyTo(copy);
            piece = copy;
        }

        var count = piece.Length;
        if (PassData(piece, false, seen > 0 ? from : 0) && !_closed)
            held.Drain(count);
    }

    private void Stop()
    {
        _stopped = true;
        Socket.PauseReading();
    }

    private void Note(AcceptedConnection found)
    {
        Info.ProxyHeader = found.ProxyHeader;
        Info.IsLocalAddressRestored = found.IsLocalAddressRestored;
        Info.UpstreamSource = found.UpstreamSource;
        Info.DownstreamRemoteAddress = found.RemoteAddress;
        Info.DownstreamLocalAddress = found.LocalAddress;
        Info.RequestedServerName = found.ServerName.Length > 0 ? found.ServerName : null;
        Info.Ja3Fingerprint = found.Ja3Fingerprint;
        Info.Ja4Fingerprint = found.Ja4Fingerprint;
        found.Metadata?.CopyTo(Info.DynamicMetadata);
    }

    private void NoteTransport(Transport transport, CloseReason reason)
    {
        NoteTls();
        Info.DownstreamTransportFailureReason = transport.Failure;
        if (reason != CloseReason.ConnectTimeout)
            return;
        _owner.Config.Stats.DownstreamCxTransportSocketConnectTimeout.Inc();
        Info.ConnectionTerminationDetails = "transport socket timeout was reached";
    }

    private void Finish(CloseReason reason)
    {
        if (_closed)
            return;
        _closed = true;
        _held?.Clear();
        if (Socket.Transport is { } transport)
            NoteTransport(transport, reason);
        foreach (var filter in _filters)
            filter.OnClosed(reason);
        Info.EndUs = Worker.Loop.NowUs;
        _owner.OnConnectionClosed(this);
    }
}
