using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Net;

namespace Weft.Proxy.Clusters;

/// <summary>Reads the addresses of upstream configuration: IP literals and Unix-domain paths.</summary>
internal static class EndpointAddress
{
    /// <summary>Envoy's name for the resolver of IP literals, which is also the default.</summary>
    private const string IpResolver = "envoy.ip";

    /// <summary>An address of kind None, with a fault reported, for anything else.</summary>
    /// <param name="suggestDns">The cluster type matters: a name needs one that resolves.</param>
    public static NetAddress Parse(Address address, bool suggestDns, ConfigContext context)
    {
        switch (address.AddressCase)
        {
            case Address.AddressOneofCase.SocketAddress:
                return Parse(address.SocketAddress, suggestDns, context);
            case Address.AddressOneofCase.Pipe:
                return NetAddress.FromUnixPath(address.Pipe.Path, (int)address.Pipe.Mode);
            case Address.AddressOneofCase.None:
                context.Error(address, null, "Address must be set");
                return default;
            default:
                return NetAddress.FromInternal(address.EnvoyInternalAddress.ServerListenerName, address.EnvoyInternalAddress.EndpointId);
        }
    }

    public static NetAddress Parse(SocketAddress address, bool suggestDns, ConfigContext context)
    {
        var hint = suggestDns ? ". Consider setting resolver_name or setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'" : "";
        if (address.ResolverName.Length > 0 && address.ResolverName != IpResolver)
            context.Error(address, "resolver_name", $"Unknown address resolver: {address.ResolverName}{hint}");
        else if (address.PortSpecifierCase == SocketAddress.PortSpecifierOneofCase.NamedPort)
            context.Error(address, "named_port", $"IP resolver can't handle port specifier type {(int)address.PortSpecifierCase}{hint}");
        else if (!NetAddress.TryParseIP(address.Address, (int)Math.Min(address.PortValue, ushort.MaxValue), out var parsed))
            context.Error(address, "address", $"malformed IP address: {address.Address}{hint}");
        else
            return parsed;
        return default;
    }
}
