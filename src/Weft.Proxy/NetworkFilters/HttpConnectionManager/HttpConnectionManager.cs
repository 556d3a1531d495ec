using Weft.Http;
using Weft.Http.Http2;
using Weft.Net;
using Weft.Proxy.Stats;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>
/// The HTTP connection manager of one downstream connection: finds out what the client speaks, makes a stream of every request. Worker thread.
/// </summary>
/// <remarks>The parts: here what happens on the connection, and how it ends.</remarks>
internal sealed partial class HttpConnectionManager : NetworkFilter
{
    private readonly HttpConnectionManagerWorker _worker;
    private IServerCodec? _codec;
    private int _prefaceMatched;
    private long _lastActiveMs;
    private long _requests;
    private long _countedTxBytes;
    private bool _hasReceived;
    private bool _knowsUserAgent;
    private UserAgentStats? _userAgent;

    public HttpConnectionManager(HttpConnectionManagerWorker worker) => _worker = worker;

    public HttpConnectionManagerConfig Config => _worker.Config;

    /// <summary>What filters keep for the connection; null while they keep nothing.</summary>
    public Dictionary<object, object>? Values { get; set; }

    public HttpConnectionManagerWorker Worker => _worker;

    public bool IsOpen => Connection.IsOpen && !_closing;

    /// <summary>Null: any number of requests goes on in a turn.</summary>
    public DeferredRequests? Deferred { get; private set; }

    public override NetworkFilterStatus OnNewConnection()
    {
        var stats = Config.Stats;
        stats.DownstreamCxTotal.Inc();
        stats.DownstreamCxActive.Inc();
        if (Connection.Chain.TransportSocket.IsSecure)
        {
            stats.DownstreamCxSslTotal.Inc();
            stats.DownstreamCxSslActive.Inc();
        }

        if (Config.Codec == ServerCodecType.Http1)
            UseHttp1();
        Connection.Socket.LingerMs = Config.DelayedCloseTimeoutMs;
        Connection.Socket.UnsentBytes = stats.DownstreamCxTxBytesBuffered;
        _lastActiveMs = Connection.Worker.Loop.NowMs;
        ArmTimers();
        return NetworkFilterStatus.Stop;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_closing)
            return NetworkFilterStatus.Stop;
        Config.Stats.DownstreamCxRxBytesTotal.Add(data.Length);
        if (!_hasReceived && !BeginReceiving())
            return NetworkFilterStatus.Stop;
        Deferred?.OnRead();
        if (data.Length > 0)
            Decode(data);
        if (!endStream || !IsOpen)
            return NetworkFilterStatus.Stop;
        if (_codec is { } codec)
            codec.OnReadEnd();
        else
            CloseConnection(CloseMode.Now, remote: true);
        return NetworkFilterStatus.Stop;
    }

    public override void OnAboveHighWatermark()
    {
        Config.Stats.DownstreamFlowControlPausedReadingTotal.Inc();
        _codec?.OnAboveHighWatermark();
    }

    public override void OnBelowLowWatermark()
    {
        Config.Stats.DownstreamFlowControlResumedReadingTotal.Inc();
        _codec?.OnBelowLowWatermark();
    }

    /// <summary>A request begins.</summary>
    public HttpStream BeginStream(ResponseEncoder encoder)
    {
        IsDraining |= _isSoft;
        var stream = _worker.RentStream();
        stream.Begin(this, encoder);
        if (Config.MaxRequestsPerConnection > 0 && ++_requests >= Config.MaxRequestsPerConnection)
            OnMaxRequests(encoder.IsMultiplexed);
        return stream;
    }

    /// <summary>The head of a request has come. What the first one of a connection says of its client holds for all.</summary>
    public void OnRequestHead(HeaderMap headers)
    {
        if (!_knowsUserAgent)
        {
            _knowsUserAgent = true;
            var agent = headers.Get(KnownHeader.UserAgent);
            _userAgent = agent.IndexOf("iOS"u8) >= 0 ? Config.Stats.Ios : agent.IndexOf("android"u8) >= 0 ? Config.Stats.Android : null;
            _userAgent?.DownstreamCxTotal.Inc();
        }

        _userAgent?.DownstreamRqTotal.Inc();
    }

    /// <summary>The client broke the protocol: the connection ends.</summary>
    public void OnProtocolError()
    {
        Config.Stats.DownstreamCxProtocolError.Inc();
        IsDraining = true;
    }

    /// <summary>A stream is over in both directions.</summary>
    public void OnStreamDone()
    {
        _lastActiveMs = Connection.Worker.Loop.NowMs;
        CountSentBytes();
    }

    /// <summary>Called before a response head is written: may decide that the connection is to end.</summary>
    /// <param name="endsConnection">No other request can follow this one.</param>
    public void OnResponseHead(bool endsConnection)
    {
        if (endsConnection)
            IsDraining = true;
        if (IsDraining)
            return;
        if (Config.Overload.DisableHttpKeepAlive.IsDrawn(Connection.Worker.Random))
        {
            Config.Stats.DownstreamCxOverloadDisableKeepalive.Inc();
            Config.Stats.DownstreamCxDrainClose.Inc();
            BeginDrain();
        }
        else if (Connection.AsksForClose)
        {
            Config.Stats.DownstreamCxDrainClose.Inc();
            BeginDrain();
        }
    }

    /// <summary>Requests count from when they begin: those that last must not keep a connection for ever. HTTP/1 says with the response that it was the last.</summary>
    private void OnMaxRequests(bool isMultiplexed)
    {
        Config.Stats.DownstreamCxMaxRequestsReached.Inc();
        if (!isMultiplexed)
            IsDraining = true;
        else if (!IsDraining)
            BeginDrain();
    }

    /// <summary>False when the proxy is too busy for one more client.</summary>
    private bool BeginReceiving()
    {
        _hasReceived = true;
        if (Config.Runtime.Current.GetInteger("http.max_requests_per_io_cycle", uint.MaxValue) is var most and < uint.MaxValue)
            Deferred = new DeferredRequests(Connection.Worker.Loop, most);
        if (!Config.Overload.CreateCodec.Sheds(Connection.Worker.Random))
            return true;
        Config.Stats.DownstreamRqOverloadClose.Inc();
        CloseConnection(CloseMode.Now);
        return false;
    }

    private void Decode(ReadOnlySpan<byte> data)
    {
        if (_codec is null)
            ChooseCodec(ref data);
        if (_codec is { } codec && !data.IsEmpty && IsOpen)
            codec.OnData(data);
    }

    /// <summary>HTTP/2 by configuration, by what TLS has agreed on (ALPN), or by its preface; else HTTP/1. Takes what it needs to know.</summary>
    private void ChooseCodec(ref ReadOnlySpan<byte> data)
    {
        var protocol = Connection.Socket.ApplicationProtocol;
        if (Config.Codec == ServerCodecType.Http2 || protocol.SequenceEqual("h2"u8))
        {
            UseHttp2();
            return;
        }

        if (!protocol.IsEmpty)
        {
            UseHttp1();
            return;
        }

        var preface = Http2Connection.PrefaceStart;
        var rest = preface[_prefaceMatched..];
        var length = Math.Min(rest.Length, data.Length);
        var isHttp2 = data[..length].SequenceEqual(rest[..length]);
        var taken = preface[.._prefaceMatched];
        if (isHttp2)
        {
            _prefaceMatched += length;
            data = data[length..];
            if (_prefaceMatched < preface.Length)
                return;
            taken = preface;
            UseHttp2();
        }
        else
        {
            UseHttp1();
        }

        if (!taken.IsEmpty)
            _codec!.OnData(taken);
    }

    private void UseHttp1()
    {
        Config.Stats.DownstreamCxHttp1Total.Inc();
        Config.Stats.DownstreamCxHttp1Active.Inc();
        _codec = new Http1ServerConnection(this, Connection.Socket, Config.Http1);
    }

    private void UseHttp2()
    {
        Config.Stats.DownstreamCxHttp2Total.Inc();
        Config.Stats.DownstreamCxHttp2Active.Inc();
        var codec = new Http2ServerConnection(this, Connection.Socket);
        _codec = codec;
        codec.Start();
        if (IsDraining)
            codec.Drain();
    }

    private void CountSentBytes()
    {
        var sent = Connection.Socket.BytesSent;
        Config.Stats.DownstreamCxTxBytesTotal.Add(sent - _countedTxBytes);
        _countedTxBytes = sent;
    }
}
