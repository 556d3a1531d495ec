using Envoy.Config.Route.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
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

/// <summary>A RouteConfiguration compiled: domains by hash, routes in order. Immutable, shared by all workers.</summary>
public sealed class RouteTable
{
    /// <summary>Compiles; every fault (including references to clusters that do not exist, when validate_clusters says so) is reported in the factory context.</summary>
    public static RouteTable Create(RouteConfiguration config, FactoryContext context) => throw new NotImplementedException();

    public string Name => throw new NotImplementedException();

    /// <summary>The first matching route of the best matching virtual host; null when there is none (404 NR). No allocation.</summary>
    public Route? Match(in RouteRequest request) => throw new NotImplementedException();

    /// <summary>internal_only_headers of the table.</summary>
    public IReadOnlyList<HeaderName> InternalOnlyHeaders => throw new NotImplementedException();
}
