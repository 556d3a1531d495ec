using Weft.Http;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder;

/// <summary>Names that only the transcoder looks at.</summary>
internal static class GrpcHeaders
{
    public static readonly HeaderName StatusDetails = new("grpc-status-details-bin");

    public static readonly HeaderName OriginalMethod = new("x-envoy-original-method");

    public static readonly HeaderName Trailer = new(KnownHeader.Trailer);
}
