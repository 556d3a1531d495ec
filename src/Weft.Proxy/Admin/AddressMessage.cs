using Envoy.Config.Core.V3;
using Weft.Net;

namespace Weft.Proxy.Admin;

/// <summary>Socket addresses as the API's message.</summary>
internal static class AddressMessage
{
    public static Address Of(NetAddress address) => address.Kind switch
    {
        NetAddressKind.Unix => new Address { Pipe = new Pipe { Path = address.ToString() } },
        NetAddressKind.Internal => new Address
        {
            EnvoyInternalAddress = new EnvoyInternalAddress { ServerListenerName = address.InternalName.ToString(), EndpointId = address.InternalEndpointId.ToString() },
        },
        _ => new Address { SocketAddress = new SocketAddress { Address = address.ToIPAddress().ToString(), PortValue = (uint)address.Port } },
    };
}
