using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.Clusters;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.GrpcStats;

/// <summary>Counts the status of each gRPC call and its messages both ways, for the cluster that it goes to. Changes nothing.</summary>
internal sealed class GrpcStatsFilter(GrpcStatsFilterFactory config) : HttpFilter
{
    private GrpcMessageCounter _requests;
    private GrpcMessageCounter _responses;
    private int _uncharged;
    private bool _isGrpc;
    private bool _isGrpcResponse;

    // Null until the router has chosen one, and for calls that it answers itself.
    private ClusterStats? Stats => Stream.Info.UpstreamCluster?.Stats;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        _isGrpc = GrpcRequest.Is(headers) && NamesMethod(headers.Get(KnownHeader.Path));
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (!_isGrpc)
            return FilterStatus.Continue;
        _uncharged += _requests.Count(chunk.Bytes);
        ChargeRequests();
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (!_isGrpc)
            return FilterStatus.Continue;
        _isGrpcResponse = GrpcRequest.Is(headers);
        ChargeRequests();
        ChargeStatus(headers);
        if (endStream)
            RecordTime();
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (_isGrpcResponse && _responses.Count(chunk.Bytes) is > 0 and var count)
            Stats?.Grpc[GrpcStatNames.ResponseMessages].Add(count);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
    {
        if (!_isGrpc)
            return FilterStatus.Continue;
        ChargeRequests();
        ChargeStatus(trailers);
        RecordTime();
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _requests = _responses = default;
        _uncharged = 0;
        _isGrpc = _isGrpcResponse = false;
    }

    /// <summary><c>/service/method</c>.</summary>
    private static bool NamesMethod(ReadOnlySpan<byte> path) => path.Length > 0 && path[0] == '/' && path[1..].IndexOf((byte)'/') is > 0 and var slash && slash + 2 < path.Length;

    private void ChargeRequests()
    {
        if (_uncharged == 0 || Stats is not { } stats)
            return;
        stats.Grpc[GrpcStatNames.RequestMessages].Add(_uncharged);
        _uncharged = 0;
    }

    private void ChargeStatus(HeaderMap headers)
    {
        if (!headers.Has(KnownHeader.GrpcStatus) || Stats is not { } stats)
            return;
        var status = headers.Get(KnownHeader.GrpcStatus);
        stats.Grpc[GrpcStatNames.Status(status)].Inc();
        stats.Grpc[status.SequenceEqual("0"u8) ? GrpcStatNames.Success : GrpcStatNames.Failure].Inc();
        stats.Grpc[GrpcStatNames.Total].Inc();
    }

    private void RecordTime()
    {
        var info = Stream.Info;
        if (config.RecordsTimes && info is { LastUpstreamTxByteUs: > 0, LastUpstreamRxByteUs: > 0 })
            Stats?.GrpcTimes[0].Record((info.LastUpstreamRxByteUs - info.LastUpstreamTxByteUs) / 1000);
    }
}
