using System.Buffers.Text;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>Tells outlier detection and active health checks how an attempt went. Worker thread; costs a look at a field where neither is configured.</summary>
internal static class EndpointReports
{
    /// <summary>The head of a response has come.</summary>
    public static void Answered(Endpoint endpoint, HeaderMap request, HeaderMap response)
    {
        endpoint.OutlierMonitor?.PutStatus(StatusOf(request, response));
        if (response.Has(KnownHeader.XEnvoyImmediateHealthCheckFail))
            endpoint.FailHealthCheck();
    }

    /// <summary>The attempt ended without a response.</summary>
    public static void Failed(Endpoint? endpoint, ResetReason reason)
    {
        // A circuit breaker is about the cluster: ejecting endpoints would make it worse.
        if (reason is not (ResetReason.Overflow or ResetReason.NoPool))
            endpoint?.OutlierMonitor?.PutConnectFailed();
    }

    /// <summary>The response did not begin in time.</summary>
    public static void TimedOut(Endpoint? endpoint, int status) => endpoint?.OutlierMonitor?.PutTimeout(status);

    /// <summary>A gRPC status in the head counts as the HTTP status that it means; in trailers it comes too late to count.</summary>
    private static int StatusOf(HeaderMap request, HeaderMap response)
    {
        if (!response.Has(KnownHeader.GrpcStatus) || !GrpcRequest.Is(request))
            return response.Status;
        var text = response.Get(KnownHeader.GrpcStatus);
        return Utf8Parser.TryParse(text, out int status, out var used) && used == text.Length ? GrpcHttpStatus.Of(status) : response.Status;
    }
}
