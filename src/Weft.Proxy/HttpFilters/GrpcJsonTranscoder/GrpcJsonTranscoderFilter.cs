using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Paths;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder;

/// <summary>
/// Lets clients of JSON over HTTP call services of gRPC: a request that a rule of the API fits becomes the call that it means, and the answer
/// becomes JSON again. Requests that fit none pass as they are.
/// </summary>
/// <remarks>The parts: here the request's way, and the response's.</remarks>
internal sealed partial class GrpcJsonTranscoderFilter(GrpcJsonTranscoderFilterFactory factory) : HttpFilter
{
    private const string FailedEarly = "early_grpc_json_transcode_failure";
    private const string Failed = "grpc_json_transcode_failure";

    private readonly ByteWriter _requestOutput = new(0);
    private RequestTranscoder? _request;
    private ResponseTranscoder? _response;
    private TranscodedMethod? _method;
    private long _countedRequestBytes;

    /// <summary>The filter has answered, or the upstream with something that is not gRPC: nothing more is changed.</summary>
    private bool _isOver;

    private TranscoderConfig Config => _request!.Config;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var config = Stream.RouteConfig(this) as TranscoderConfig ?? factory.Config;
        if (config.IsDisabled || GrpcRequest.Is(headers)) return FilterStatus.Continue;
        var target = headers.Get(KnownHeader.Path);
        var query = target.IndexOf((byte)'?');
        var path = query < 0 ? target : target[..query];
        Span<Range> segments = stackalloc Range[HttpRuleTable.MaxSegments];
        if (config.Rules.Find(headers.Get(KnownHeader.Method), path, segments, out var count) is not { } rule)
            return config.RejectsUnknownMethods ? RefuseEarly(404, $"Could not resolve {Encoding.UTF8.GetString(path)} to a method.", "NOT_FOUND") : FilterStatus.Continue;

        UseConfig(config);
        var outcome = _request!.Bind(rule, path, segments[..count], query < 0 ? default : target[(query + 1)..]);
        if (outcome == BindingOutcome.UnknownParameter && !config.RejectsUnknownParameters)
        {
            _request.Reset();
            return FilterStatus.Continue;
        }

        if (outcome != BindingOutcome.Bound) return RefuseEarly(400, _request.Fault, "INVALID_ARGUMENT");
        if (rule.IsRawRequest) _request.SetContentType(headers.Get(KnownHeader.ContentType));
        _method = rule.Method;
        _response!.Begin(rule.Method);
        BecomeCall(headers);
        return PassHead(endStream);
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (_method is null || _isOver) return FilterStatus.Continue;
        _request!.Append(chunk.Bytes);
        _requestOutput.Clear();
        if (!_request.TryWriteFrames(chunk.EndStream, _requestOutput)) return RefuseBody();
        if (_request.KeptBytes > (Config.MaxRequestBytes ?? Stream.RequestBufferLimitBytes)) return RefuseSize();
        CountRequestBytes(_request.KeptBytes);
        chunk.Bytes = _requestOutput.Written;
        return _request.IsStreaming || chunk.EndStream ? FilterStatus.Continue : FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
    {
        if (_method is null || _isOver) return FilterStatus.Continue;
        _requestOutput.Clear();
        if (!_request!.TryWriteFrames(isLast: true, _requestOutput)) return RefuseBody();
        CountRequestBytes(0);
        if (_requestOutput.Length > 0) Stream.InjectRequestData(this, _requestOutput.Written, endStream: false);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        CountRequestBytes(0);
        CountResponseBytes(0);
        _request?.Reset();
        _response?.Reset();
        _requestOutput.Clear();
        _method = null;
        _head = null;
        _isOver = _anyData = _isRawHeadSet = false;
    }

    /// <summary>Nothing of a call is sent on before its one message is known to be good.</summary>
    private FilterStatus PassHead(bool endStream)
    {
        if (!endStream) return _request!.IsStreaming ? FilterStatus.Continue : FilterStatus.StopAndBuffer;
        _requestOutput.Clear();
        if (!_request!.TryWriteFrames(isLast: true, _requestOutput)) return RefuseBody();
        if (_requestOutput.Length > 0) Stream.InjectRequestData(this, _requestOutput.Written, endStream: true);
        return FilterStatus.Continue;
    }

    private void BecomeCall(HeaderMap headers)
    {
        headers.Remove(KnownHeader.ContentLength);
        headers.Set(KnownHeader.ContentType, "application/grpc"u8);
        headers.Set(KnownHeader.XEnvoyOriginalPath, headers.Get(KnownHeader.Path));
        headers.Set(GrpcHeaders.OriginalMethod, headers.Get(KnownHeader.Method));
        headers.Set(KnownHeader.Path, _method!.Path);
        headers.Set(KnownHeader.Method, "POST"u8);
        headers.Set(KnownHeader.Te, "trailers"u8);
        if (!Config.KeepsRoute) Stream.ClearRouteCache();
    }

    private void UseConfig(TranscoderConfig config)
    {
        if (ReferenceEquals(_request?.Config, config)) return;
        _request = new RequestTranscoder(config);
        _response = new ResponseTranscoder(config);
    }

    private FilterStatus RefuseEarly(int status, string text, string code) => Answer(status, text, $"{FailedEarly}{{{code}}}");

    private FilterStatus RefuseBody() => Answer(400, _request!.Fault, $"{Failed}{{INVALID_ARGUMENT}}");

    private FilterStatus RefuseSize() => Answer(
        413, "Request rejected because the transcoder's internal buffer size exceeds the configured limit.", $"{Failed}{{request_buffer_size_limit_reached}}");

    private FilterStatus Answer(int status, string text, string details)
    {
        _isOver = true;
        Stream.SendLocalReply(status, Encoding.UTF8.GetBytes(text), details);
        return FilterStatus.Ended;
    }

    private void CountRequestBytes(long bytes)
    {
        factory.RequestBytes.Add(bytes - _countedRequestBytes);
        _countedRequestBytes = bytes;
    }
}
