using System.Buffers.Binary;
using Google.Protobuf;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>
/// A gRPC call of the proxy's own with one message each way, through a cluster (a check of a request by a service). One at a time, then usable
/// again; one worker.
/// </summary>
internal sealed class GrpcUnaryCall : IClusterCallHandler
{
    private const int Internal = 13;
    private const int Unavailable = 14;
    private const int MaxResponseBytes = 4 * 1024 * 1024;

    private readonly CollectorTarget _target;
    private readonly Worker _worker;
    private readonly IGrpcUnaryHandler _handler;
    private readonly ClusterCall _call;

    public GrpcUnaryCall(CollectorTarget target, Worker worker, IGrpcUnaryHandler handler)
    {
        (_target, _worker, _handler) = (target, worker, handler);
        _call = new ClusterCall(worker, this) { IsGrpc = true, MaxResponseBytes = MaxResponseBytes, Policy = target.Policy };
    }

    /// <summary>Between <see cref="Start"/> and the handler's call.</summary>
    public bool IsActive => _call.IsActive;

    /// <summary>Headers of the next call beside those of its target.</summary>
    public HeaderMap Headers => _call.Headers;

    /// <summary>Sends a message; the handler hears of the answer, possibly from within this call.</summary>
    /// <param name="timeoutMs">0: no limit.</param>
    public void Start(IMessage message, long timeoutMs)
    {
        if (_worker.Clusters.Find(_target.Cluster) is not { } cluster)
        {
            _call.Headers.Clear();
            _handler.OnUnaryEnd(Unavailable, default);
            return;
        }

        _call.Headers.Set(KnownHeader.Method, "POST"u8);
        _call.Headers.Set(KnownHeader.Path, _target.Path);
        _call.Headers.Set(KnownHeader.Authority, _target.Host);
        _call.Headers.Set(KnownHeader.ContentType, _target.ContentType);
        foreach (var (name, value) in _target.Headers)
            _call.Headers.Set(name, value);
        GrpcFrames.Write(message.ToByteArray(), _call.Body);
        _call.Send(cluster, timeoutMs);
    }

    /// <summary>Gives it up; the handler hears nothing more.</summary>
    public void Cancel() => _call.Cancel();

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        if (status != 200 || call.GrpcStatus != 0)
        {
            _handler.OnUnaryEnd(call.GrpcStatus > 0 ? call.GrpcStatus : Unavailable, default);
            return;
        }

        var body = call.ResponseBody;
        if (body.Length >= GrpcFrames.PrefixBytes && body[0] == 0 && BinaryPrimitives.ReadUInt32BigEndian(body[1..]) == body.Length - GrpcFrames.PrefixBytes)
            _handler.OnUnaryEnd(0, body[GrpcFrames.PrefixBytes..]);
        else
            _handler.OnUnaryEnd(Internal, default);
    }
}
