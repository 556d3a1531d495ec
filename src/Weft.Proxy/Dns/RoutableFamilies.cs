using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Weft.Proxy.Dns;

/// <summary>Address families that an interface other than loopback has an address of (filter_unroutable_families).</summary>
internal readonly record struct RoutableFamilies(bool V4, bool V6)
{
    public static RoutableFamilies Now()
    {
        var families = default(RoutableFamilies);
        foreach (var card in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (card.NetworkInterfaceType == NetworkInterfaceType.Loopback || card.OperationalStatus == OperationalStatus.Down)
                continue;
            foreach (var address in card.GetIPProperties().UnicastAddresses)
            {
                families = address.Address.AddressFamily == AddressFamily.InterNetwork
                    ? families with { V4 = true }
                    : families with { V6 = families.V6 || !address.Address.IsIPv6LinkLocal };
            }
        }
        return families;
    }

    public bool Contains(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? V4 : V6;
}
