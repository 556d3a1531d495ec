namespace Weft.Proxy.NetworkFilters.SniCluster;

/// <summary>envoy.filters.network.sni_cluster: the name a TLS client asks for is the cluster it is carried to. Worker thread.</summary>
internal sealed class SniClusterFilter : NetworkFilter
{
    public override NetworkFilterStatus OnNewConnection()
    {
        if (Connection.Info.RequestedServerName is { Length: > 0 } name)
            Connection.Info.TcpProxyCluster = name;
        return NetworkFilterStatus.Continue;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream) => NetworkFilterStatus.Continue;
}

/// <summary>Makes sni_cluster filters.</summary>
internal sealed class SniClusterFactory : NetworkFilterFactory
{
    public override bool IsTerminal => false;

    public override NetworkFilter Create(Workers.Worker worker) => new SniClusterFilter();
}
