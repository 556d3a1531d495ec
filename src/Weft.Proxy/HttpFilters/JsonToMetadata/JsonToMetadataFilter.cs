using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.JsonToMetadata;

/// <summary>Holds a message with a JSON body until all of it has come, sets metadata by it, and lets it go on. Pooled; worker thread.</summary>
internal sealed class JsonToMetadataFilter(JsonToMetadataFilterFactory factory) : HttpFilter
{
    private readonly ByteWriter _requestBody = new(0);
    private readonly ByteWriter _responseBody = new(0);
    private bool _readsRequest;
    private bool _readsResponse;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (factory.Request is not { } rules || Stream.IsTunnel) return FilterStatus.Continue;
        _readsRequest = rules.Takes(headers, Stream.Info.DynamicMetadata, out var hasSet);
        if (hasSet) Stream.ClearRouteCache();
        if (_readsRequest && endStream) FinishRequest(rules);
        return _readsRequest ? FilterStatus.StopAndBuffer : FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (!_readsRequest) return FilterStatus.Continue;
        _requestBody.Write(chunk.Bytes);
        if (!chunk.EndStream) return FilterStatus.StopAndBuffer;
        FinishRequest(factory.Request!);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
    {
        if (_readsRequest) FinishRequest(factory.Request!);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (factory.Response is not { } rules || Stream.IsTunnel) return FilterStatus.Continue;
        _readsResponse = rules.Takes(headers, Stream.Info.DynamicMetadata, out _);
        if (_readsResponse && endStream) FinishResponse(rules);
        return _readsResponse ? FilterStatus.StopAndBuffer : FilterStatus.Continue;
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (!_readsResponse) return FilterStatus.Continue;
        _responseBody.Write(chunk.Bytes);
        if (!chunk.EndStream) return FilterStatus.StopAndBuffer;
        FinishResponse(factory.Response!);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
    {
        if (_readsResponse) FinishResponse(factory.Response!);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _readsRequest = _readsResponse = false;
        _requestBody.Clear();
        _responseBody.Clear();
    }

    private void FinishRequest(JsonRules rules)
    {
        _readsRequest = false;
        if (rules.Apply(_requestBody.Written, Stream.Info.DynamicMetadata)) Stream.ClearRouteCache();
        _requestBody.Clear();
    }

    private void FinishResponse(JsonRules rules)
    {
        _readsResponse = false;
        rules.Apply(_responseBody.Written, Stream.Info.DynamicMetadata);
        _responseBody.Clear();
    }
}
