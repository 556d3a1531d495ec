using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>What the HTTP/1 codec counts of a cluster, <c>http1.*</c>. Listed once there was a connection of HTTP/1, as in Envoy.</summary>
internal static class Http1StatNames
{
    /// <summary>HTTP/2 metadata that was to go to an endpoint that speaks HTTP/1.</summary>
    public const int MetadataNotSupportedError = 0;

    /// <summary>The other names stand for what only clients' requests are judged by: in Envoy, too, they stay 0 here.</summary>
    private static readonly string[] s_names =
        ["http1.metadata_not_supported_error", "http1.dropped_headers_with_underscores", "http1.requests_rejected_with_underscores_in_headers", "http1.response_flood"];

    public static readonly StatNames All = new("http1", s_names.Length, static member => s_names[member]);
}
