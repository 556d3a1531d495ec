namespace Weft.Proxy.Clusters;

/// <summary>A connection to an endpoint that no pool holds and that ends when the endpoint fails (close_connections_on_host_health_failure). Worker thread.</summary>
internal interface IEndpointConnection
{
    Endpoint Endpoint { get; }

    /// <summary>The endpoint fails its checks or is ejected.</summary>
    void OnEndpointFailed();
}
