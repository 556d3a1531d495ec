using System.Text;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;

namespace Weft.Fuzz.Http2;

/// <summary>One end of a connection, and everything that was told about it.</summary>
internal sealed class Http2Transcript : IHttp2ConnectionHandler, IDisposable
{
    // Cells of counters are never given back here: one set serves however many inputs there are.
    private static readonly Http2CodecStats s_stats = new(new StatsStore().UnlistedScope());

    private readonly BufferPool _buffers = new();
    private readonly List<Call> _calls = [];
    private readonly ByteQueue _output;

    public Http2Transcript(bool isServer, Http2Options options)
    {
        _output = new ByteQueue(_buffers);
        Connection = new Http2Connection(isServer, options, s_stats, new Http2StreamPool(_buffers), _output, this);
        Connection.Start();
        for (var i = 0; !isServer && i < 3; i++)
        {
            var stream = Connection.OpenStream();
            Http2Connection.Attach(stream, Track(stream));
        }
    }

    public Http2Connection Connection { get; }

    public Http2Fault? Fault { get; private set; }

    public long Messages => _calls.Count(call => call.Heads > 0);

    /// <summary>What happened on each stream, and how the connection ended.</summary>
    public override string ToString() => string.Join('\n', _calls.Select(call => call.Text)) + $"\n{Fault?.Error.Text}";

    public void EndTurn()
    {
        Connection.DeliverHeld();
        Connection.ReturnClosedStreams();
    }

    public void Dispose()
    {
        Connection.CloseStreams(Http2ErrorCode.Cancel);
        Connection.ReturnClosedStreams();
        _output.Clear();
        if (_buffers.RentedBlocks != 0) throw new FindingException($"{_buffers.RentedBlocks} blocks were not given back");
        _buffers.Dispose();
    }

    public IHttp2StreamHandler OnStreamOpened(Http2Stream stream) => Track(stream);

    public void OnOutput() { }

    public void OnTurnEndWork() { }

    public void OnSettings() { }

    public void OnGoAway(Http2ErrorCode code) { }

    public void OnPingAck(ulong opaque) { }

    public void OnConnectionError(Http2Fault fault)
    {
        if (Fault is not null) throw new FindingException("two faults on one connection");
        Fault = fault;
    }

    private Call Track(Http2Stream stream)
    {
        var call = new Call(stream);
        _calls.Add(call);
        return call;
    }

    /// <summary>A stream that answers each request, echoing its body.</summary>
    private sealed class Call(Http2Stream stream) : IHttp2StreamHandler
    {
        private static readonly HeaderMap s_response = MakeResponse();

        private readonly HeaderMap _headers = new();
        private readonly StringBuilder _text = new();
        private readonly StringBuilder _body = new();
        private bool _closed;

        public int Heads { get; private set; }

        public string Text => $"{_text} body {_body}";

        public HeaderMap OnMessageBegin() => _headers;

        public void OnHeaders(HeaderMap headers, bool endStream)
        {
            Heads++;
            Note("head", headers);
            if (!headers.Has(KnownHeader.Status)) stream.WriteHeaders(s_response, endStream);
            End(endStream);
        }

        public void OnInformational(HeaderMap headers) => Note("1xx", headers);

        public void OnData(ReadOnlySpan<byte> data, bool endStream)
        {
            if (_closed) throw new FindingException("data on a closed stream");
            _body.Append(Encoding.Latin1.GetString(data));
            stream.WriteData(data, endStream);
            End(endStream);
        }

        public void OnTrailers(HeaderMap trailers)
        {
            Note("trailers", trailers);
            stream.WriteTrailers(trailers);
        }

        public void OnMetadata(ReadOnlySpan<byte> block)
        {
            _text.Append("metadata ").Append(Convert.ToHexString(block));
            stream.WriteMetadata(block);
        }

        public void OnProtocolError(CodecError error) => _text.Append(error.Text);

        public void OnReset(Http2ErrorCode code)
        {
            // The end of the run is no event.
            if (code != Http2ErrorCode.Cancel) _text.Append(" reset");
        }

        public void OnBackedUp() { }

        public void OnDrained() { }

        public void OnClosed()
        {
            if (_closed) throw new FindingException("a stream closed twice");
            _closed = true;
        }

        private void End(bool endStream)
        {
            if (endStream) _text.Append(" end");
        }

        private void Note(string what, HeaderMap map)
        {
            _text.Append(what);
            for (var i = 0; i < map.Count; i++)
            {
                if (map.ValueAt(i).IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0) throw new FindingException("a control character in a value");
                _text.Append('[').Append(Encoding.Latin1.GetString(map.NameAt(i))).Append('=').Append(Encoding.Latin1.GetString(map.ValueAt(i))).Append(']');
            }
        }

        private static HeaderMap MakeResponse()
        {
            var map = new HeaderMap();
            map.Add(KnownHeader.Status, "200"u8);
            return map;
        }
    }
}
