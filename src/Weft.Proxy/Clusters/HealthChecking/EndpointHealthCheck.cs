using Weft.Config;
using Weft.Net;
using ConfigMessage = Envoy.Config.Endpoint.V3.Endpoint.Types.HealthCheckConfig;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>How one endpoint wants to be checked (Endpoint.health_check_config). Immutable.</summary>
public sealed record EndpointHealthCheck
{
    /// <summary>Nothing special.</summary>
    public static readonly EndpointHealthCheck Default = new();

    /// <summary>Where checks go; of kind None: to the endpoint's address.</summary>
    public NetAddress Address { get; init; }

    /// <summary>The port of checks; 0: the address's own.</summary>
    public int Port { get; init; }

    /// <summary>The host that HTTP and gRPC checks name; "": what the check says.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>disable_active_health_check.</summary>
    public bool IsDisabled { get; init; }

    internal static EndpointHealthCheck Create(ConfigMessage? config, NetAddress endpoint, ConfigContext context)
    {
        if (config is null)
            return Default;
        if (config.PortValue != 0 && endpoint.Kind is NetAddressKind.Unix or NetAddressKind.Internal)
            context.Error(config, "port_value", "Invalid host configuration: non-zero port for non-IP address");
        return new EndpointHealthCheck
        {
            Address = config.Address is { } address ? EndpointAddress.Parse(address, suggestDns: false, context) : default,
            Port = (int)Math.Min(config.PortValue, ushort.MaxValue),
            Hostname = config.Hostname,
            IsDisabled = config.DisableActiveHealthCheck,
        };
    }
}
