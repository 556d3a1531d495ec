using Weft.Http;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing;

/// <summary>What a route is matched against.</summary>
public readonly ref struct RouteRequest(HeaderMap headers, StreamInfo info, RuntimeSnapshot runtime)
{
    public HeaderMap Headers { get; } = headers;

    public StreamInfo Info { get; } = info;

    public RuntimeSnapshot Runtime { get; } = runtime;
}
