using Weft.Http;
using Weft.Http.Urls;

namespace Weft.Proxy.HttpFilters.Router.Mirroring;

/// <summary>Marks the host of a mirrored request, so that logs tell it from a real one: <c>name-shadow</c>, before the port.</summary>
internal static class MirrorHost
{
    private const int MaxBytes = 1024;

    public static void Mark(HeaderMap headers)
    {
        var host = headers.Get(KnownHeader.Authority);
        var suffix = "-shadow"u8;
        if (host.IsEmpty || host.Length > MaxBytes)
            return;
        var nameLength = Authority.PortStart(host) is >= 0 and var colon ? colon : host.Length;
        Span<byte> marked = stackalloc byte[host.Length + suffix.Length];
        host[..nameLength].CopyTo(marked);
        suffix.CopyTo(marked[nameLength..]);
        host[nameLength..].CopyTo(marked[(nameLength + suffix.Length)..]);
        headers.Set(KnownHeader.Authority, marked);
    }
}
