using Weft.Http;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters;

/// <summary>Stands where a connection manager has no filters at all: says that nobody answers. (Envoy leaves such requests without an answer.) Worker thread.</summary>
internal sealed class NoFilter : HttpFilter
{
    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        Stream.SendLocalReply(404, [], "no_http_filters");
        return FilterStatus.Ended;
    }
}

/// <summary>Makes them.</summary>
internal sealed class NoFilterFactory : HttpFilterFactory
{
    public override bool IsTerminal => true;

    public override HttpFilter Create(Worker worker) => new NoFilter();
}
