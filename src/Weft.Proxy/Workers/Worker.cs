using Weft.Base;
using Weft.Http.Http2.Streams;
using Weft.Net;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Workers;

/// <summary>One data-plane thread (and, with the same parts, the main thread): its loop, its random numbers, its live clusters.</summary>
public sealed class Worker : IDisposable
{
    [ThreadStatic]
    private static Worker? t_current;

    private Http2StreamPool? _upstreamStreams;

    /// <param name="index">0-based; the main thread has the highest.</param>
    /// <param name="name">Thread name, for example <c>worker_0</c>.</param>
    /// <param name="random">Its random numbers.</param>
    /// <param name="time">Its clock; null: the system's.</param>
    public Worker(int index, string name, RandomSource random, TimeProvider? time = null)
    {
        Index = index;
        Name = name;
        Random = random;
        Loop = new EventLoop(name, time ?? TimeProvider.System);
        Clusters = new WorkerClusters(this);
    }

    /// <summary>The worker whose thread this is; null on other threads.</summary>
    public static Worker? Current => t_current;

    public int Index { get; }

    public string Name { get; }

    /// <summary>Who this proxy is, for expressions (xds.node); null where nobody asks.</summary>
    public Envoy.Config.Core.V3.Node? Node { get; init; }

    public EventLoop Loop { get; }

    public RandomSource Random { get; }

    /// <summary>This thread's half of every cluster: balancers and connection pools.</summary>
    public WorkerClusters Clusters { get; }

    /// <summary>Streams and scratch of its HTTP/2 connections to upstreams.</summary>
    internal Http2StreamPool UpstreamStreams => _upstreamStreams ??= new Http2StreamPool(Loop.Buffers);

    /// <summary>Runs the loop on the calling thread, which is this worker's from now on.</summary>
    public void Run()
    {
        t_current = this;
        Loop.Run();
    }

    public void Dispose() => Loop.Dispose();
}
