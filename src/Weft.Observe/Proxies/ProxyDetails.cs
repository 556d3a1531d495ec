namespace Weft.Observe.Proxies;

/// <summary>What a proxy says of itself beside its traffic. Immutable.</summary>
/// <param name="Bytes">How long the answers were together: large ones are asked for less often.</param>
internal sealed record ProxyDetails(ProxyIdentity Identity, ClusterList Clusters, IReadOnlyList<ListenerStatus> Listeners, int Bytes);

/// <summary>Of <c>/server_info</c>. Immutable.</summary>
/// <param name="Version">As the proxy prints it.</param>
/// <param name="State">LIVE, DRAINING, PRE_INITIALIZING, INITIALIZING.</param>
/// <param name="ConfigPath">Its bootstrap; "" when it has none in a file.</param>
internal sealed record ProxyIdentity(string NodeId, string NodeCluster, string Zone, string Version, string State, long UptimeSeconds, int RestartEpoch, int Concurrency, string ConfigPath);

/// <summary>Of <c>/listeners</c>. Immutable.</summary>
internal sealed record ListenerStatus(string Name, IReadOnlyList<string> Addresses);

/// <summary>Of <c>/clusters</c>, as much of it as is kept. Immutable.</summary>
/// <param name="Clusters">Those with the worst health first, then by name.</param>
/// <param name="Total">How many there are, kept or not; as the following.</param>
internal sealed record ClusterList(IReadOnlyList<ClusterHealth> Clusters, int Total, int Endpoints, int Healthy);

/// <summary>A cluster and its endpoints. Immutable.</summary>
/// <param name="IsDynamic">Came by xDS, not with the bootstrap.</param>
/// <param name="Endpoints">As many as are kept.</param>
/// <param name="Total">How many there are.</param>
internal sealed record ClusterHealth(string Name, bool IsDynamic, string EdsServiceName, IReadOnlyList<EndpointHealth> Endpoints, int Total, int Healthy);

/// <summary>An endpoint of a cluster. Immutable.</summary>
/// <param name="Address">IP and port, or the path of a socket.</param>
/// <param name="Health">"healthy", or what is wrong with it in the words of the admin interface.</param>
/// <param name="Requests">Since it is known; as the following.</param>
/// <param name="Errors">Requests that failed, 5xx among them.</param>
/// <param name="Active">Requests now.</param>
internal sealed record EndpointHealth(string Address, string Hostname, string Health, long Requests, long Errors, long Active, long Connections, long Weight, string Locality, long Priority)
{
    public const string Healthy = "healthy";

    public bool IsHealthy => Health == Healthy;
}
