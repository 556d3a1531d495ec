using Weft.Http;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>x-envoy-internal, and the removal of what only internal clients may say. Immutable; any thread.</summary>
internal sealed class InternalHeaders(IEnumerable<string> internalOnly)
{
    /// <summary>Not from outside into the mesh.</summary>
    private static readonly KnownHeader[] s_notFromEdge =
    [
        KnownHeader.XEnvoyDecoratorOperation, KnownHeader.XEnvoyDownstreamServiceCluster, KnownHeader.XEnvoyDownstreamServiceNode,
        KnownHeader.XEnvoyOriginalPath, KnownHeader.XEnvoyOriginalHost,
    ];

    /// <summary>Not from any external request, at whatever hop.</summary>
    private static readonly KnownHeader[] s_notFromExternal =
    [
        KnownHeader.XEnvoyRetriableStatusCodes, KnownHeader.XEnvoyRetriableHeaderNames, KnownHeader.XEnvoyRetryOn, KnownHeader.XEnvoyRetryGrpcOn,
        KnownHeader.XEnvoyMaxRetries, KnownHeader.XEnvoyUpstreamAltStatName, KnownHeader.XEnvoyUpstreamRqTimeoutMs,
        KnownHeader.XEnvoyUpstreamRqPerTryTimeoutMs, KnownHeader.XEnvoyUpstreamRqTimeoutAltResponse, KnownHeader.XEnvoyExpectedRqTimeoutMs,
        KnownHeader.XEnvoyForceTrace, KnownHeader.XEnvoyIpTags, KnownHeader.XEnvoyOriginalUrl, KnownHeader.XEnvoyHedgeOnPerTryTimeout,
    ];

    private readonly HeaderName[] _internalOnly = [.. internalOnly.Select(static name => new HeaderName(name))];

    public void Apply(HeaderMap headers, ClientStanding client)
    {
        if (client.IsInternal)
        {
            headers.Set(KnownHeader.XEnvoyInternal, "true"u8);
            return;
        }

        headers.Remove(KnownHeader.XEnvoyInternal);
        if (client.IsEdge)
        {
            foreach (var name in s_notFromEdge) headers.Remove(name);
        }

        foreach (var name in s_notFromExternal) headers.Remove(name);
        foreach (var name in _internalOnly) headers.Remove(name);
    }
}
