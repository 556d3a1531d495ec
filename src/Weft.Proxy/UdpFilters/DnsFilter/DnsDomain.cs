using Weft.Net;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.UdpFilters.DnsFilter;

/// <summary>What a virtual domain stands for: addresses, the endpoints of a cluster, or a service. Immutable; any thread.</summary>
internal sealed record DnsDomain
{
    /// <summary>answer_ttl, or that of the service; default 300.</summary>
    public uint TtlSeconds { get; init; } = 300;

    /// <summary>Empty: none.</summary>
    public IReadOnlyList<NetAddress> Addresses { get; init; } = [];

    /// <summary>Null: none.</summary>
    public ClusterReference? Cluster { get; init; }

    /// <summary>Where a service is; empty: it is none.</summary>
    public IReadOnlyList<DnsServiceTarget> Targets { get; init; } = [];
}

/// <summary>One place of a service. Immutable.</summary>
/// <param name="Name">Of the host or of the cluster.</param>
/// <param name="Wire">The same as labels.</param>
/// <param name="Cluster">Whose endpoints it is; null: a host that is a virtual domain itself.</param>
/// <param name="Priority">Lower ones are to be tried first.</param>
/// <param name="Weight">Among those of one priority.</param>
/// <param name="Port">0: that of the endpoint.</param>
internal readonly record struct DnsServiceTarget(string Name, byte[] Wire, ClusterReference? Cluster, uint Priority, uint Weight, int Port);
