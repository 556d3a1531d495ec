using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>What the HTTP/1 codec counts, <c>http1.*</c>: of all connection managers together (the root scope), or of a cluster.</summary>
public sealed class Http1CodecStats
{
    public Http1CodecStats(StatsScope scopeOfUser)
    {
        var scope = scopeOfUser.Scope("http1.");
        DroppedHeadersWithUnderscores = scope.Counter("dropped_headers_with_underscores");
        MetadataNotSupportedError = scope.Counter("metadata_not_supported_error");
        RequestsRejectedWithUnderscoresInHeaders = scope.Counter("requests_rejected_with_underscores_in_headers");
        ResponseFlood = scope.Counter("response_flood");
    }

    public Counter DroppedHeadersWithUnderscores { get; }

    public Counter MetadataNotSupportedError { get; }

    public Counter RequestsRejectedWithUnderscoresInHeaders { get; }

    public Counter ResponseFlood { get; }
}
