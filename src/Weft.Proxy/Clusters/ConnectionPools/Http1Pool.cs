using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>The HTTP/1.1 connections of one worker to one endpoint.</summary>
internal sealed class Http1Pool(Worker worker, ClusterConfig cluster, Endpoint endpoint, CircuitBreaker breaker)
{
    public void Drain() => throw new NotImplementedException();
}
