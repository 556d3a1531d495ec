using System.Text;
using Weft.Base;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tests.HttpFilters;

/// <summary>A stream around one filter under test: calls it as the connection manager would and keeps what it does.</summary>
internal sealed class FakeStream : IHttpStream, IDisposable
{
    private readonly HttpFilter _filter;

    /// <param name="time">Its clock; null: the system's.</param>
    public FakeStream(HttpFilterFactory factory, TimeProvider? time = null)
        : this(worker => factory.Create(worker), time)
    {
    }

    public FakeStream(Func<Worker, HttpFilter> create, TimeProvider? time = null)
    {
        Worker = new Worker(0, "test", new RandomSource(1), time);
        _filter = create(Worker);
        _filter.Stream = this;
    }

    public Worker Worker { get; }

    public StreamInfo Info { get; } = new();

    public HeaderMap RequestHeaders { get; set; } = new();

    public HeaderMap? ResponseHeaders { get; private set; }

    public Route? Route { get; set; }

    /// <summary>What routes say to the filter, the most specific first.</summary>
    public FilterRouteConfig[] Overrides { get; set; } = [];

    public HeaderMap LocalReplyHeaders { get; } = new();

    public int BufferLimitBytes => 1 << 20;

    public int RequestBufferLimitBytes { get; set; } = 1 << 20;

    public bool IsTunnel { get; set; }

    public bool IsResponseBackedUp { get; set; }

    public int Pauses { get; private set; }

    public int ResponsePauses { get; private set; }

    public int RouteClears { get; private set; }

    public int RequestContinues { get; private set; }

    public int ResponseContinues { get; private set; }

    /// <summary>What passed the filter on the way to the client.</summary>
    public List<byte> ResponseBody { get; } = [];

    public bool ResponseEnded { get; private set; }

    public (int Status, string Body, string Details, ResponseFlags Flags)? Reply { get; private set; }

    public string? ResetDetails { get; private set; }

    public FilterStatus Request(HeaderMap headers, bool endStream = true)
    {
        RequestHeaders = headers;
        return _filter.OnRequestHeaders(headers, endStream);
    }

    /// <summary>Passes request body; gives what the filter makes of it.</summary>
    public (FilterStatus Status, string Body) RequestData(string data, bool endStream = false)
    {
        var chunk = new BodyChunk { Bytes = Encoding.UTF8.GetBytes(data), EndStream = endStream };
        var status = _filter.OnRequestData(ref chunk);
        return (status, Encoding.UTF8.GetString(chunk.Bytes));
    }

    /// <summary>How much body passed the filter on the way to the upstream.</summary>
    public long RequestBodyBytes => RequestBody.Count;

    /// <summary>What passed the filter on the way to the upstream.</summary>
    public List<byte> RequestBody { get; } = [];

    public FilterStatus RequestBytes(ReadOnlySpan<byte> data, bool endStream = false)
    {
        var chunk = new BodyChunk { Bytes = data, EndStream = endStream };
        var status = _filter.OnRequestData(ref chunk);
        if (status == FilterStatus.Continue)
            RequestBody.AddRange(chunk.Bytes);
        return status;
    }

    public FilterStatus RequestTrailers(HeaderMap trailers) => _filter.OnRequestTrailers(trailers);

    public FilterStatus Response(HeaderMap headers, bool endStream = true)
    {
        ResponseHeaders = headers;
        return _filter.OnResponseHeaders(headers, endStream);
    }

    public FilterStatus ResponseData(ReadOnlySpan<byte> data, bool endStream = false)
    {
        var chunk = new BodyChunk { Bytes = data, EndStream = endStream };
        var status = _filter.OnResponseData(ref chunk);
        if (status == FilterStatus.Continue)
            ResponseBody.AddRange(chunk.Bytes);
        ResponseEnded |= status == FilterStatus.Continue && chunk.EndStream;
        return status;
    }

    public FilterStatus ResponseTrailers(HeaderMap trailers) => _filter.OnResponseTrailers(trailers);

    /// <summary>What the connection keeps; another dictionary is another connection.</summary>
    public Dictionary<object, object> Connection { get; set; } = [];

    public object? ConnectionValue(object key) => Connection.GetValueOrDefault(key);

    public void SetConnectionValue(object key, object value) => Connection[key] = value;

    public FilterRouteConfig? RouteConfig(HttpFilter filter) => filter.IsInner ? null : Overrides is [var first, ..] ? first : null;

    public ReadOnlySpan<FilterRouteConfig> RouteConfigs(HttpFilter filter) => filter.IsInner ? [] : Overrides;

    public void ClearRouteCache() => RouteClears++;

    public void EncodeHeaders(HeaderMap headers, bool endStream) => Response(headers, endStream);

    public void EncodeData(ReadOnlySpan<byte> data, bool endStream) => ResponseData(data, endStream);

    public void EncodeTrailers(HeaderMap trailers) => _filter.OnResponseTrailers(trailers);

    public void EncodeInformational(HeaderMap headers)
    {
    }

    public void PauseRequest() => Pauses++;

    public void ResumeRequest() => Pauses--;

    public void SendLocalReply(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags = ResponseFlags.None)
    {
        Reply = (status, Encoding.UTF8.GetString(body), details, flags);
        Info.ResponseFlags |= flags;
        LocalReplyHeaders.Set(KnownHeader.Status, status);
        ResponseHeaders = LocalReplyHeaders;
        _filter.OnResponseHeaders(LocalReplyHeaders, body.IsEmpty);
    }

    public void ContinueRequest(HttpFilter filter) => RequestContinues++;

    public void ContinueResponse(HttpFilter filter) => ResponseContinues++;

    public void InjectRequestData(HttpFilter filter, ReadOnlySpan<byte> data, bool endStream) => RequestBody.AddRange(data);

    public void InjectResponseData(HttpFilter filter, ReadOnlySpan<byte> data, bool endStream)
    {
        ResponseBody.AddRange(data);
        ResponseEnded |= endStream;
    }

    /// <summary>Trailers that the filter added; null when it added none.</summary>
    public HeaderMap? AddedTrailers { get; private set; }

    public void InjectResponseTrailers(HttpFilter filter, HeaderMap trailers)
    {
        AddedTrailers = new HeaderMap();
        AddedTrailers.CopyFrom(trailers);
    }

    public void PauseResponse() => ResponsePauses++;

    public void ResumeResponse() => ResponsePauses--;

    public void ResetStream(string details, ResponseFlags flags) => ResetDetails = details;

    /// <summary>The stream is over: the filter gets ready for the next one.</summary>
    public void End()
    {
        _filter.OnReset();
        Reply = null;
        LocalReplyHeaders.Clear();
        Info.Reset();
    }

    public void Dispose() => Worker.Dispose();
}
