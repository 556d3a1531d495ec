using Weft.Base.Buffers;
using Weft.Http.Http2.Frames;
using Weft.Http.Http2.Hpack;
using Weft.Http.Http2.Streams;

namespace Weft.Http.Http2;

/// <summary>
/// HTTP/2 (RFC 9113) on one connection, either side of it: bytes to events on streams, and back. Knows no sockets, clocks or threads, so it
/// is fuzzed and replayed in memory. Strict: what breaks the protocol ends the stream or the connection. Allocates nothing per request.
/// </summary>
/// <remarks>
/// The parts: input (bytes to frames), headers, data, metadata, control frames, output, and here how a connection begins and ends. Output is
/// appended to the queue given; who sends it says what was sent with <see cref="OnSent"/>. Belongs to one loop.
/// </remarks>
public sealed partial class Http2Connection
{
    /// <summary>What windows are before anything else is said (RFC 9113 section 6.9.2).</summary>
    private const int DefaultWindowBytes = 65_535;

    private readonly bool _isServer;
    private readonly IHttp2ConnectionHandler _handler;
    private readonly Http2StreamPool _pool;
    private readonly ByteQueue _output;
    private readonly StreamTable _streams = new();
    private readonly FloodGuard _guard;
    private readonly HpackDecoder _decoder;
    private readonly HpackEncoder _encoder = new();
    private readonly FieldCollector _collector;
    private RecentResets? _recentResets;
    private StreamList _senders;
    private Http2Stream? _firstClosed;
    private Http2Stream? _firstResumed;
    private int _lastPeerStreamId;
    private int _lastOwnStreamId;
    private int _lastServedStreamId = int.MaxValue;
    private bool _failed;
    private bool _noticeSent;

    public Http2Connection(bool isServer, Http2Options options, Http2CodecStats stats, Http2StreamPool pool, ByteQueue output, IHttp2ConnectionHandler handler)
    {
        _isServer = isServer;
        _handler = handler;
        _pool = pool;
        _output = output;
        Options = options;
        Stats = stats;
        _guard = new FloodGuard(options, stats);
        // RFC 9113 section 6.5.3: until the peer has acknowledged a smaller table it uses the one that both ends start with.
        _decoder = new HpackDecoder(Math.Max(options.HpackTableBytes, HpackEncoder.DefaultTableSize), pool.Scratch);
        _collector = new FieldCollector(options, isServer);
        _encoder.SetTableSize(Math.Min(options.HpackTableBytes, HpackEncoder.DefaultTableSize));
        _receiveWindow = options.ConnectionWindowBytes;
        _expectsPreface = isServer;
    }

    /// <summary>What no other protocol begins with: the first bytes of a client's preface.</summary>
    public static ReadOnlySpan<byte> PrefaceStart => ControlFrames.ClientPreface[..12];

    public Http2Options Options { get; }

    public Http2CodecStats Stats { get; }

    /// <summary>Streams that are open now.</summary>
    public int ActiveStreams => _streams.Count;

    /// <summary>The open streams, with empty places between them; valid until one opens or closes.</summary>
    public ReadOnlySpan<Http2Stream?> OpenStreams => _streams.Slots;

    /// <summary>Clients: how many more streams could be opened now.</summary>
    public int FreeStreams
    {
        get
        {
            if (_failed || IsGoingAway || _lastOwnStreamId >= int.MaxValue - 2) return 0;
            return (int)Math.Max(0, Math.Min((uint)Options.MaxConcurrentStreams, _peerMaxStreams) - _streams.Count);
        }
    }

    /// <summary>The peer has said GOAWAY, or this side has.</summary>
    public bool IsGoingAway { get; private set; }

    /// <summary>The peer broke the protocol; the connection is over.</summary>
    public bool HasFailed => _failed;

    /// <summary>Says that the socket takes no more, or takes more again: while it does not, body waits on its stream.</summary>
    public bool IsOutputBlocked { get; private set; }

    /// <summary>Writes what a connection begins with (RFC 9113 section 3.4). Servers may do so before the client's preface has come.</summary>
    public void Start()
    {
        if (!_isServer) _output.Append(ControlFrames.ClientPreface);
        Span<(SettingId, uint)> settings = stackalloc (SettingId, uint)[6 + Options.CustomSettings.Count];
        var count = 0;
        if (Options.HpackTableBytes != HpackEncoder.DefaultTableSize) settings[count++] = (SettingId.HeaderTableSize, (uint)Options.HpackTableBytes);
        if (!_isServer) settings[count++] = (SettingId.EnablePush, 0);
        settings[count++] = (SettingId.MaxConcurrentStreams, (uint)Options.MaxConcurrentStreams);
        if (Options.StreamWindowBytes != DefaultWindowBytes) settings[count++] = (SettingId.InitialWindowSize, (uint)Options.StreamWindowBytes);
        if (_isServer && Options.AllowConnect) settings[count++] = (SettingId.EnableConnectProtocol, 1);
        foreach (var (id, value) in Options.CustomSettings) settings[count++] = ((SettingId)id, value);
        ControlFrames.WriteSettings(settings[..count], _output);
        _guard.CountOutbound(isControl: true);
        if (Options.ConnectionWindowBytes > DefaultWindowBytes) WriteWindowUpdate(0, Options.ConnectionWindowBytes - DefaultWindowBytes);
        NoteOutput();
    }

    /// <summary>Clients: opens a stream, of which there must be a free one (<see cref="FreeStreams"/>).</summary>
    /// <returns>The stream; give it its handler with <see cref="Attach"/> before anything else.</returns>
    public Http2Stream OpenStream()
    {
        _lastOwnStreamId = _lastOwnStreamId == 0 ? 1 : _lastOwnStreamId + 2;
        _guard.CountOpened();
        return Open(_lastOwnStreamId);
    }

    /// <summary>Gives a stream its handler; a pooled one has it from an earlier use.</summary>
    public static void Attach(Http2Stream stream, IHttp2StreamHandler handler) => stream.Handler = handler;

    /// <summary>Servers: tells the client to open no more streams, while those on their way are still served.</summary>
    public void ShutdownNotice()
    {
        if (_failed || _noticeSent || IsGoingAway) return;
        _noticeSent = true;
        WriteGoAway(int.MaxValue, Http2ErrorCode.NoError);
        NoteOutput();
    }

    /// <summary>Tells the peer that no more streams are taken from here on; those that come are dropped.</summary>
    public void GoAway()
    {
        if (_failed || _lastServedStreamId != int.MaxValue) return;
        IsGoingAway = true;
        _lastServedStreamId = _lastPeerStreamId;
        WriteGoAway(_lastPeerStreamId, Http2ErrorCode.NoError);
        NoteOutput();
    }

    /// <summary>The connection is gone: streams that are open hear that they are reset.</summary>
    public void CloseStreams(Http2ErrorCode code)
    {
        _failed = true;
        while (_streams.Any() is { } stream)
        {
            stream.Handler!.OnReset(code);
            stream.Close();
        }
    }

    /// <summary>At the end of a turn: gives closed streams back to their pool. Nobody may use them any more.</summary>
    public void ReturnClosedStreams()
    {
        while (_firstClosed is { } stream)
        {
            _firstClosed = stream.Following;
            stream.Following = null;
            _pool.Return(stream);
        }
    }

    /// <summary>At the end of a turn: delivers what was held on streams that go on.</summary>
    public void DeliverHeld()
    {
        while (_firstResumed is { } stream)
        {
            _firstResumed = stream.FollowingResumed;
            stream.FollowingResumed = null;
            stream.IsResumed = false;
            if (!stream.IsClosed) stream.DeliverHeld();
        }
    }

    internal void AddResumed(Http2Stream stream)
    {
        if (stream.IsResumed) return;
        stream.IsResumed = true;
        stream.FollowingResumed = _firstResumed;
        _firstResumed = stream;
        _handler.OnTurnEndWork();
    }

    /// <summary>A closed stream leaves.</summary>
    internal void Remove(Http2Stream stream)
    {
        _streams.Remove(stream.Id);
        _senders.Remove(stream);
        if (ReferenceEquals(_dataStream, stream)) _dataStream = null;
        stream.Following = _firstClosed;
        _firstClosed = stream;
        Stats.StreamsActive.Dec();
        _handler.OnTurnEndWork();
    }

    private Http2Stream Open(int id)
    {
        var stream = _pool.Rent();
        stream.Open(this, id, _peerStreamWindow, Options.StreamWindowBytes);
        _streams.Add(stream);
        Stats.StreamsActive.Inc();
        return stream;
    }

    /// <summary>The peer broke the protocol: it is told, and nothing more is taken from it.</summary>
    private void Fail(Http2Fault fault)
    {
        if (_failed) return;
        _failed = IsGoingAway = true;
        WriteGoAway(_lastPeerStreamId, fault.Code);
        _handler.OnConnectionError(fault);
    }

    /// <summary>The peer broke the rules for one message.</summary>
    private void FailStream(Http2Stream stream, Http2Fault fault, bool endsConnection)
    {
        if (endsConnection)
        {
            Fail(fault);
            return;
        }

        WriteReset(stream.Id, fault.Code);
        stream.Handler!.OnProtocolError(fault.Error);
        stream.Close();
    }

    /// <summary>A message that breaks the rules of HTTP: by default not even the connection is to be trusted any more.</summary>
    private void FailMessage(Http2Stream stream, Http2Fault fault)
    {
        Stats.RxMessagingError.Inc();
        FailStream(stream, fault, endsConnection: !Options.StreamErrorOnInvalidMessage);
    }
}
