using Weft.Http;

namespace Weft.Proxy.HttpFilters.JsonToMetadata;

/// <summary>Holds a message with a JSON body until all of it has come, sets metadata by it, and lets it go on. Pooled; worker thread.</summary>
internal sealed class JsonToMetadataFilter(JsonToMetadataFilterFactory factory) : HttpFilter
{
    private readonly JsonDirection _request = new(factory.Request);
    private readonly JsonDirection _response = new(factory.Response);

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
        => Stream.IsTunnel ? FilterStatus.Continue : Reroute(_request.Begin(headers, endStream, Stream.Info.DynamicMetadata));

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => Reroute(_request.Add(chunk, Stream.Info.DynamicMetadata));

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => Reroute(_request.End(Stream.Info.DynamicMetadata));

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
        => Stream.IsTunnel ? FilterStatus.Continue : _response.Begin(headers, endStream, Stream.Info.DynamicMetadata);

    public override FilterStatus OnResponseData(ref BodyChunk chunk) => _response.Add(chunk, Stream.Info.DynamicMetadata);

    public override FilterStatus OnResponseTrailers(HeaderMap trailers) => _response.End(Stream.Info.DynamicMetadata);

    public override void OnReset()
    {
        _request.Reset();
        _response.Reset();
    }

    /// <summary>Metadata of a request may change its route.</summary>
    private FilterStatus Reroute(FilterStatus status)
    {
        if (_request.HasSet) Stream.ClearRouteCache();
        return status;
    }
}
