using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.TransportSockets;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Http.OriginalSrc.V3.OriginalSrc;

namespace Weft.Proxy.HttpFilters.OriginalSrc;

/// <summary>Makes filters that have upstream connections come from the request's client (envoy.filters.http.original_src).</summary>
internal sealed class OriginalSrcFilterFactory(uint mark) : HttpFilterFactory
{
    public static OriginalSrcFilterFactory Create(string name, Message config, string statPrefix, FactoryContext context) => new(config.Mark) { Name = name };

    public override HttpFilter Create(Worker worker) => new OriginalSrcFilter(mark);
}

/// <summary>The client is who trusted headers say. Pooled; worker thread.</summary>
internal sealed class OriginalSrcFilter(uint mark) : HttpFilter
{
    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        Stream.Info.UpstreamSource = UpstreamSource.Of(Stream.Info.DownstreamRemoteAddress, mark, withPort: false);
        return FilterStatus.Continue;
    }
}
