using System.Net.NetworkInformation;
using System.Net.Sockets;
using Weft.Net;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>The address by which other hosts know this one.</summary>
internal static class OwnAddress
{
    /// <summary>The first IPv4 address that is not loopback; 127.0.0.1 where there is none.</summary>
    public static NetAddress Find()
    {
        try
        {
            foreach (var network in NetworkInterface.GetAllNetworkInterfaces())
            {
                foreach (var unicast in network.GetIPProperties().UnicastAddresses)
                {
                    if (unicast.Address.AddressFamily != AddressFamily.InterNetwork) continue;
                    var address = NetAddress.FromIP(unicast.Address, 0);
                    if (!address.IsLoopback) return address;
                }
            }
        }
        catch (NetworkInformationException)
        {
            // A sandbox may hide the interfaces.
        }

        return NetAddress.FromIP(System.Net.IPAddress.Loopback, 0);
    }
}
