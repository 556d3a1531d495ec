using Weft.Http;
using Weft.Net;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>Reads x-forwarded-for from its trustworthy end.</summary>
internal static class ForwardedFor
{
    /// <summary>The address that has <paramref name="skipped"/> others behind it; false when there is none or it is no IP address.</summary>
    public static bool TryGetFromEnd(HeaderMap headers, uint skipped, out NetAddress address)
    {
        address = default;
        var list = headers.Get(KnownHeader.XForwardedFor);
        for (; skipped > 0; skipped--)
        {
            var comma = list.LastIndexOf((byte)',');
            if (comma < 0) return false;
            list = list[..comma];
        }

        return NetAddress.TryParseIP(list[(list.LastIndexOf((byte)',') + 1)..].Trim(" \t"u8), out address);
    }
}
