using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Weft.Proxy.Dns;

/// <summary>IP addresses in text. Unlike <see cref="IPAddress.TryParse(string, out IPAddress)"/> an IPv4 address needs its four parts.</summary>
internal static class IpLiteral
{
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.StartsWith('[') : text.AsSpan().Count('.') == 3);
}
