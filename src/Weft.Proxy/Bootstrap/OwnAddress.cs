using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Weft.Net;

namespace Weft.Proxy.Bootstrap;

/// <summary>The address by which other hosts know this one.</summary>
internal static class OwnAddress
{
    /// <summary>The first address of the kind that means this host elsewhere, too; the loopback address where there is none (--local-address-ip-version).</summary>
    public static NetAddress Find(bool isIPv6)
    {
        var family = isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        try
        {
            foreach (var network in NetworkInterface.GetAllNetworkInterfaces())
            {
                foreach (var unicast in network.GetIPProperties().UnicastAddresses)
                {
                    if (unicast.Address.AddressFamily == family && !IPAddress.IsLoopback(unicast.Address) && !unicast.Address.IsIPv6LinkLocal)
                        return NetAddress.FromIP(unicast.Address, 0);
                }
            }
        }
        catch (NetworkInformationException)
        {
            // A sandbox may hide the interfaces.
        }

        return NetAddress.FromIP(isIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0);
    }
}
