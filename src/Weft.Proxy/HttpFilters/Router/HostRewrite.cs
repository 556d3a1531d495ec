using System.Text;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>auto_host_rewrite: the endpoint's hostname becomes the request's authority.</summary>
internal static class HostRewrite
{
    public static void ToEndpoint(HeaderMap headers, Endpoint endpoint, ForwardAction forward, bool keepOriginal)
    {
        Span<byte> hostname = stackalloc byte[256];
        if (Encoding.ASCII.TryGetBytes(endpoint.Hostname, hostname, out var length))
            forward.RewriteHost(headers, hostname[..length], keepOriginal);
    }

    /// <summary>For a retry: what the client sent is kept already.</summary>
    public static void ToAnotherEndpoint(HeaderMap headers, Endpoint endpoint)
    {
        Span<byte> hostname = stackalloc byte[256];
        if (Encoding.ASCII.TryGetBytes(endpoint.Hostname, hostname, out var length))
            headers.Set(KnownHeader.Authority, hostname[..length]);
    }
}
