using System.Text;

namespace Weft.Http.Http1;

/// <summary>
/// HTTP/1 bytes to events, for requests or responses. Knows no sockets, clocks or threads, so it is fuzzed and replayed
/// in memory. Strict (RFC 9112): what is ambiguous is refused, never repaired. Allocates nothing per message.
/// </summary>
/// <remarks>
/// A request that asks for an upgrade, or a CONNECT, pauses the decoder behind its head (endStream false): the handler then
/// calls <see cref="SwitchToTunnel"/> to accept, or <see cref="Resume"/> to take it as an ordinary message. After
/// <see cref="Resume"/> call <see cref="Decode"/> again, with an empty span if nothing is left: the end may be due.
/// Belongs to one loop.
/// </remarks>
public sealed partial class Http1Decoder
{
    /// <summary>What the next byte is.</summary>
    private enum State : byte
    {
        Idle, Head, AwaitVerdict, FixedBody, BodyUntilClose, NoBody,
        ChunkSize, ChunkExtension, ChunkSizeLineFeed, ChunkData, ChunkDataReturn, ChunkDataLineFeed, Trailers,
        Tunnel, Failed,
    }

    private readonly bool _isResponse;
    private readonly Http1DecoderOptions _options;
    private readonly IMessageHandler _handler;
    private readonly byte[] _defaultHost;
    private HeaderMap _headers = null!;
    private State _state;
    private bool _paused;

    /// <summary>The handler reset the decoder from within a call: what is left of the input is not ours.</summary>
    private bool _interrupted;

    /// <summary>More bytes came behind a complete response, which is an error once the response is delivered.</summary>
    private bool _extraneous;
    private Expected _expected;

    /// <summary>The request that a response answers.</summary>
    private enum Expected : byte { Body, NoBody, Tunnel }

    /// <param name="isResponse">Decodes responses (client side) rather than requests.</param>
    public Http1Decoder(bool isResponse, Http1DecoderOptions options, IMessageHandler handler)
    {
        _isResponse = isResponse;
        _options = options;
        _handler = handler;
        _defaultHost = Encoding.Latin1.GetBytes(options.DefaultHostForHttp10 ?? "");
    }

    /// <summary>
    /// Takes bytes as they come, in any split, and calls the handler. Returns how many were taken: less than all only after
    /// <see cref="Pause"/>, or because a message ended while paused, or once a message was upgraded; the rest is the caller's to keep and to offer again.
    /// After a protocol error all bytes are taken and dropped.
    /// </summary>
    public int Decode(ReadOnlySpan<byte> data)
    {
        _interrupted = false;
        var taken = 0;
        while (true)
        {
            if (_state == State.NoBody && !_paused) EndWithoutBody(taken < data.Length);
            if (taken == data.Length || _paused || _interrupted) return taken;
            taken += Step(data[taken..]);
        }
    }

    /// <summary>Takes some of the bytes. Steps change the state first and call the handler last, since it may pause, switch or reset.</summary>
    private int Step(ReadOnlySpan<byte> data)
    {
        switch (_state)
        {
            case State.Idle: return DecodeIdle(data);
            case State.Head: return DecodeHead(data);
            case State.FixedBody: return DecodeFixedBody(data);
            case State.BodyUntilClose:
            case State.Tunnel:
                _handler.OnData(data, endStream: false);
                return data.Length;
            case State.ChunkData: return DecodeChunkData(data);
            case State.Trailers: return DecodeTrailers(data);
            case State.Failed: return data.Length;
            default: return DecodeChunkFraming(data);
        }
    }

    /// <summary>The peer sent its FIN: ends a response that is delimited by it, else a protocol error when inside a message.</summary>
    public void DecodeEnd()
    {
        switch (_state)
        {
            case State.Idle or State.Failed:
                return;
            case State.BodyUntilClose or State.Tunnel or State.NoBody:
                EndMessage(more: false);
                _handler.OnData(default, endStream: true);
                return;
            default:
                Fail(CodecErrors.UnexpectedEnd);
                return;
        }
    }

    /// <summary>Makes <see cref="Decode"/> return after the current callback. A request decoder pauses itself after each complete message, so that pipelined requests wait their turn.</summary>
    public void Pause() => _paused = true;

    public void Resume()
    {
        _paused = false;
        if (_state == State.AwaitVerdict) _state = _bodyState;
    }

    public bool IsPaused => _paused;

    /// <summary>Between messages: nothing of a next one has arrived.</summary>
    public bool IsIdle => _state == State.Idle;

    /// <summary>Version of the current (or last) message.</summary>
    public HttpProtocol Protocol { get; private set; } = HttpProtocol.Http11;

    /// <summary>The peer allows another message after this one (version and Connection header). False as well behind a response that the end of the connection delimits or that more bytes follow.</summary>
    public bool KeepAlive { get; private set; } = true;

    /// <summary>Bytes of the current head as received; for the wire-byte statistics.</summary>
    public int HeadBytes { get; private set; }

    /// <summary>Headers and trailers of the current (or last) message that were dropped for an underscore (dropped_headers_with_underscores).</summary>
    public int DroppedHeaders { get; private set; }

    /// <summary>
    /// Responses only: says that the next response answers a HEAD or CONNECT request, which decides whether it has a body.
    /// With <paramref name="upgrade"/> the request asked for an upgrade, so that a 101 is an answer to it.
    /// </summary>
    public void ExpectResponseTo(ReadOnlySpan<byte> method, bool upgrade = false)
    {
        _upgradeRequested = upgrade;
        _expected = method.SequenceEqual("HEAD"u8) ? Expected.NoBody
            : method.SequenceEqual("CONNECT"u8) ? Expected.Tunnel
            : Expected.Body;
    }

    /// <summary>From now on everything is body without end (an accepted upgrade or CONNECT): OnData for every byte.</summary>
    public void SwitchToTunnel()
    {
        _state = State.Tunnel;
        _paused = false;
    }

    /// <summary>Ready for a new connection of the same kind (pooling).</summary>
    public void Reset()
    {
        _state = State.Idle;
        _paused = false;
        _interrupted = true;
        _extraneous = false;
        _expected = Expected.Body;
        _upgradeRequested = false;
        KeepAlive = true;
        Protocol = HttpProtocol.Http11;
    }

    private int DecodeIdle(ReadOnlySpan<byte> data)
    {
        if (_extraneous) return Fail(CodecErrors.ExtraneousData, data.Length);
        var start = 0;
        // RFC 9112 section 2.2: empty lines in front of a request are ignored. They begin no message.
        if (!_isResponse)
            while (start < data.Length && data[start] is (byte)'\r' or (byte)'\n') start++;
        if (start < data.Length) BeginMessage(data[start]);
        return start;
    }

    private void BeginMessage(byte first)
    {
        _state = State.Head;
        Protocol = HttpProtocol.Http11;
        KeepAlive = true;
        HeadBytes = 0;
        DroppedHeaders = 0;
        _headers = _handler.OnMessageBegin();
        _headers.Clear();
        BeginSection(_headers, startLine: true);
        // Told at once, so that a peer that speaks another protocol (TLS) does not wait for an answer to its first line.
        if (_isResponse ? first != 'H' : !IsFirstOfMethod(first)) Fail(_isResponse ? CodecErrors.InvalidStatusLine : CodecErrors.InvalidMethod);
    }

    private bool IsFirstOfMethod(byte first) => _options.AllowCustomMethods ? ByteScan.IsToken(first) : first is >= (byte)'A' and <= (byte)'Z';

    /// <summary>The message is complete. <paramref name="more"/>: bytes behind it are here already.</summary>
    private void EndMessage(bool more)
    {
        _state = State.Idle;
        _expected = Expected.Body;
        _upgradeRequested = false;
        if (!_isResponse)
        {
            _paused = true;
        }
        else if (more)
        {
            // Nothing was asked for, so it answers nobody; the pool must not give this connection to the next request.
            _extraneous = true;
            KeepAlive = false;
        }
    }

    private void Fail(CodecError error)
    {
        _state = State.Failed;
        KeepAlive = false;
        _handler.OnProtocolError(error);
    }

    private int Fail(CodecError error, int taken)
    {
        Fail(error);
        return taken;
    }
}
