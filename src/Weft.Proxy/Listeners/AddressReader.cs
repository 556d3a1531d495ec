using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Net;

namespace Weft.Proxy.Listeners;

/// <summary>Reads core.v3.Address messages that must hold a literal address (listeners, admin).</summary>
public static class AddressReader
{
    /// <summary>False, with a finding, when it is missing or malformed.</summary>
    /// <param name="address">As configured.</param>
    /// <param name="context">Where to report faults.</param>
    /// <param name="result">The address.</param>
    /// <param name="isUdp">Which protocol it must ask for.</param>
    public static bool TryRead(Address? address, ConfigContext context, out NetAddress result, bool isUdp = false)
    {
        result = default;
        switch (address?.AddressCase)
        {
            case Address.AddressOneofCase.SocketAddress:
                return TryReadSocket(address.SocketAddress, context, out result, isUdp);
            case Address.AddressOneofCase.Pipe:
                result = NetAddress.FromUnixPath(address.Pipe.Path, (int)address.Pipe.Mode);
                return true;
            case null or Address.AddressOneofCase.None:
                return false;
            default:
                context.Error(address, "envoy_internal_address", "use internal_listener field instead of address for internal listeners");
                return false;
        }
    }

    private static bool TryReadSocket(SocketAddress address, ConfigContext context, out NetAddress result, bool isUdp)
    {
        result = default;
        if (address.PortSpecifierCase == SocketAddress.PortSpecifierOneofCase.NamedPort)
        {
            context.Error(address, "named_port", "a listening address needs port_value");
            return false;
        }

        if (address.Protocol == SocketAddress.Types.Protocol.Udp != isUdp)
        {
            context.Error(address, "protocol", isUdp ? "all addresses of a listener need the same protocol: UDP" : "UDP is not possible here");
            return false;
        }

        // Reported by the rules of the API.
        if (address.PortValue > ushort.MaxValue)
            return false;
        if (NetAddress.TryParseIP(address.Address, (int)address.PortValue, out result))
            return true;
        context.Error(address, "address", $"malformed IP address: {address.Address}");
        return false;
    }
}
