using System.Buffers.Text;
using Weft.Http;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>How long an upstream may take, from the route and the request's own headers (Envoy: router, x-envoy-upstream-rq-timeout-ms).</summary>
internal static class UpstreamTimeout
{
    /// <summary>
    /// The timeout in milliseconds (0: none). Takes the client's timeout headers off the request and tells the upstream
    /// what to expect.
    /// </summary>
    public static long Take(HeaderMap headers, ForwardAction forward, RouterFilterFactory config)
    {
        var timeoutMs = forward.TimeoutMs;
        if (config.RespectExpectedTimeout && TryRead(headers, KnownHeader.XEnvoyExpectedRqTimeoutMs, out var expectedMs))
            timeoutMs = expectedMs;
        else if (TryRead(headers, KnownHeader.XEnvoyUpstreamRqTimeoutMs, out var askedMs))
            timeoutMs = askedMs;
        headers.Remove(KnownHeader.XEnvoyUpstreamRqTimeoutMs);
        headers.Remove(KnownHeader.XEnvoyUpstreamRqPerTryTimeoutMs);
        if (timeoutMs > 0 && !config.SuppressEnvoyHeaders)
            headers.Set(KnownHeader.XEnvoyExpectedRqTimeoutMs, timeoutMs);
        return timeoutMs;
    }

    private static bool TryRead(HeaderMap headers, KnownHeader name, out long valueMs)
    {
        valueMs = 0;
        if (!headers.Has(name))
            return false;
        var text = headers.Get(name);
        return Utf8Parser.TryParse(text, out valueMs, out var used) && used == text.Length && valueMs >= 0;
    }
}
