using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.Clusters;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.GrpcStats;

/// <summary>Counts the status of each gRPC call and its messages both ways, for the cluster that it goes to. Changes nothing.</summary>
internal sealed class GrpcStatsFilter(GrpcStatsFilterFactory config) : HttpFilter
{
    private readonly MessageCountsState _state = new();
    private GrpcMessageCounter _requests;
    private GrpcMessageCounter _responses;
    private GrpcMethod? _method;
    private int _uncharged;
    private bool _isGrpc;
    private bool _isGrpcResponse;
    private bool _isEmitted;

    // Null until the router has chosen one or the call is answered, and for calls whose route answers itself.
    private ClusterConfig? Cluster => Stream.Info.UpstreamCluster;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var name = GrpcMethods.NameOf(headers.Get(KnownHeader.Path));
        _isGrpc = GrpcRequest.Is(headers) && !name.IsEmpty;
        if (!_isGrpc)
            return FilterStatus.Continue;
        _method = config.Methods.Find(name);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (!_isGrpc)
            return FilterStatus.Continue;
        if (_requests.Count(chunk.Bytes) is > 0 and var count)
        {
            _state.Requests += count;
            _uncharged += count;
            EmitState();
        }

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
        if (!_isGrpcResponse || _responses.Count(chunk.Bytes) is not (> 0 and var count))
            return FilterStatus.Continue;
        _state.Responses += count;
        EmitState();
        if (Cluster is { } cluster)
            Charge(cluster, GrpcStatNames.ResponseMessages, count);
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
        _method = null;
        _state.Requests = _state.Responses = 0;
        _isGrpc = _isGrpcResponse = _isEmitted = false;
    }

    /// <summary>Logs have the numbers from the first message on.</summary>
    private void EmitState()
    {
        if (config.EmitsState && !_isEmitted)
            Stream.Info.FilterState.Set(MessageCountsState.Name, _state);
        _isEmitted = true;
    }

    private void Charge(ClusterConfig cluster, int member, long count)
    {
        if (_method is { } method)
            method.Add(cluster, member, count);
        else
            cluster.Stats.Grpc[member].Add(count);
    }

    private void ChargeRequests()
    {
        if (_uncharged == 0 || Cluster is not { } cluster)
            return;
        Charge(cluster, GrpcStatNames.RequestMessages, _uncharged);
        _uncharged = 0;
    }

    private void ChargeStatus(HeaderMap headers)
    {
        if (!headers.Has(KnownHeader.GrpcStatus) || Cluster is not { } cluster)
            return;
        var status = headers.Get(KnownHeader.GrpcStatus);
        if (_method is { } method)
        {
            method.AddStatus(cluster, status);
            return;
        }

        cluster.Stats.Grpc[GrpcStatNames.Status(status)].Inc();
        cluster.Stats.Grpc[GrpcStatNames.Outcome(status)].Inc();
        cluster.Stats.Grpc[GrpcStatNames.Total].Inc();
    }

    private void RecordTime()
    {
        var info = Stream.Info;
        if (!config.RecordsTimes || info is not { LastUpstreamTxByteUs: > 0, LastUpstreamRxByteUs: > 0 } || Cluster is not { } cluster)
            return;
        var ms = (info.LastUpstreamRxByteUs - info.LastUpstreamTxByteUs) / 1000;
        if (_method is { } method)
            method.RecordTime(cluster, ms);
        else
            cluster.Stats.GrpcTimes[0].Record(ms);
    }
}
