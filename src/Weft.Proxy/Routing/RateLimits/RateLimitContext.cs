using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing.RateLimits;

/// <summary>What the descriptors of a request are made from.</summary>
internal readonly ref struct RateLimitContext(HeaderMap headers, StreamInfo info, string destinationCluster)
{
    public HeaderMap Headers { get; } = headers;

    public StreamInfo Info { get; } = info;

    /// <summary>Where the route leads.</summary>
    public string DestinationCluster { get; } = destinationCluster;
}
