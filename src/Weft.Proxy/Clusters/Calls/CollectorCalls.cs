using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>
/// Posts reports to a collector, by HTTP or gRPC. Only so many are on their way at once; the others are lost, so that a collector that does
/// not answer costs reports, never requests. One worker.
/// </summary>
/// <param name="target">Where to.</param>
/// <param name="worker">Whose clusters are used.</param>
/// <param name="onEnd">Hears the status of the answer (0 when there was none, and 500 for a gRPC status that is not OK), and how many things the report held.</param>
internal sealed class CollectorCalls(CollectorTarget target, Worker worker, Action<int, int> onEnd) : IClusterCallHandler
{
    private const int MaxCalls = 64;

    /// <summary>Compressed flag and length (gRPC over HTTP/2, Length-Prefixed-Message).</summary>
    private const int GrpcPrefixBytes = 5;

    private readonly Stack<ClusterCall> _idle = new();
    private readonly ByteWriter _message = new(0);
    private int _active;

    /// <summary>Writes the body of a report.</summary>
    public delegate void BodyWriter(ByteWriter body);

    /// <summary>There is no such cluster now.</summary>
    public bool HasCluster => worker.Clusters.Find(target.Cluster) is not null;

    /// <summary>Sends what <paramref name="write"/> writes; false, and nothing is written, when there is no cluster or too much is on its way.</summary>
    /// <param name="timeoutMs">For the answer; 0: no limit.</param>
    /// <param name="write">The body.</param>
    /// <param name="count">How many things it holds.</param>
    public bool TrySend(long timeoutMs, BodyWriter write, int count = 0)
    {
        if (worker.Clusters.Find(target.Cluster) is not { } cluster || _active >= MaxCalls)
            return false;
        _active++;
        if (!_idle.TryPop(out var call))
            call = new ClusterCall(worker, this) { IsGrpc = target.IsGrpc, Retries = target.Retries, Policy = target.Policy };
        call.Count = count;
        call.Headers.Set(KnownHeader.Method, "POST"u8);
        call.Headers.Set(KnownHeader.Path, target.Path);
        call.Headers.Set(KnownHeader.Authority, target.Host);
        call.Headers.Set(KnownHeader.ContentType, target.ContentType);
        foreach (var (name, value) in target.Headers)
            call.Headers.Set(name, value);
        if (target.CountHeader is { } counts)
            call.Headers.Set(counts, Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture)));
        if (target.IsGrpc)
            WriteFramed(write, call.Body);
        else
            write(call.Body);
        call.Send(cluster, timeoutMs);
        return true;
    }

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        onEnd(target.IsGrpc && status == 200 && call.GrpcStatus != 0 ? 500 : status, call.Count);
        _active--;
        _idle.Push(call);
    }

    private void WriteFramed(BodyWriter write, ByteWriter body)
    {
        _message.Clear();
        write(_message);
        var prefix = body.GetSpan(GrpcPrefixBytes);
        prefix[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)_message.Length);
        body.Advance(GrpcPrefixBytes);
        body.Write(_message.Written);
    }
}
