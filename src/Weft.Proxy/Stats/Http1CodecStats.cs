using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>What the HTTP/1 codec counts, <c>http1.*</c>, of all connection managers together, under Envoy's names.</summary>
public sealed class Http1CodecStats
{
    /// <param name="root">The root scope.</param>
    public Http1CodecStats(StatsScope root)
    {
        var scope = root.Scope("http1.");
        DroppedHeadersWithUnderscores = scope.Counter("dropped_headers_with_underscores");
        MetadataNotSupportedError = scope.Counter("metadata_not_supported_error");
        RequestsRejectedWithUnderscoresInHeaders = scope.Counter("requests_rejected_with_underscores_in_headers");
        ResponseFlood = scope.Counter("response_flood");
    }

    public Counter DroppedHeadersWithUnderscores { get; }

    /// <summary>HTTP/2 metadata of an endpoint, for a client that speaks HTTP/1.</summary>
    public Counter MetadataNotSupportedError { get; }

    public Counter RequestsRejectedWithUnderscoresInHeaders { get; }

    /// <summary>Always 0: pipelined requests wait until the one before has its whole response.</summary>
    public Counter ResponseFlood { get; }
}
