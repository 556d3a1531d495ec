namespace Weft.Proxy.Clusters.Calls;

/// <summary>Hears how a <see cref="GrpcUnaryCall"/> ended; on its thread.</summary>
internal interface IGrpcUnaryHandler
{
    /// <summary>The call is over, possibly from within <see cref="GrpcUnaryCall.Start"/>.</summary>
    /// <param name="status">Of gRPC; 14 (UNAVAILABLE) when there was no answer.</param>
    /// <param name="message">The answer, during this call; empty unless the status is 0.</param>
    void OnUnaryEnd(int status, ReadOnlySpan<byte> message);
}
