using Envoy.Config.Route.V3;

namespace Weft.Proxy.XdsClient.OnDemand;

/// <summary>A table of routes that gets virtual hosts by VHDS. Main thread.</summary>
internal interface IVirtualHostUser
{
    /// <summary>Takes these virtual hosts beside its own. Returns why they are refused, null when they are not.</summary>
    string? Use(IReadOnlyDictionary<string, VirtualHost> hosts, string version);

    /// <summary>Whether a virtual host takes requests of that host now.</summary>
    bool HasVirtualHost(ReadOnlySpan<byte> host);
}
