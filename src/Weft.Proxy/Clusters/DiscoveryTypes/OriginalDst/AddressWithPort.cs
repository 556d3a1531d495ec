using System.Buffers.Text;
using Weft.Net;

namespace Weft.Proxy.Clusters.DiscoveryTypes.OriginalDst;

/// <summary>Received addresses: <c>10.0.0.1:80</c>, <c>[::1]:80</c>.</summary>
internal static class AddressWithPort
{
    /// <summary>False for anything else; names are not looked up.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out NetAddress address)
    {
        address = default;
        var colon = text.LastIndexOf((byte)':');
        if (colon <= 0 || !TryParsePort(text[(colon + 1)..], out var port))
            return false;
        var host = text[..colon];
        var isBracketed = host is [(byte)'[', .., (byte)']'];
        if (isBracketed != host.Contains((byte)':') || !NetAddress.TryParseIP(isBracketed ? host[1..^1] : host, out address))
            return false;
        address = address.WithPort(port);
        return true;
    }

    private static bool TryParsePort(ReadOnlySpan<byte> text, out int port) =>
        Utf8Parser.TryParse(text, out port, out var read) && read == text.Length && port is >= 0 and <= ushort.MaxValue && char.IsAsciiDigit((char)text[0]);
}
