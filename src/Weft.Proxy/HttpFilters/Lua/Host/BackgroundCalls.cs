using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>Calls whose answers nobody waits for (httpCall's asynchronous flag); they go on when their streams are over. One worker.</summary>
internal sealed class BackgroundCalls : IClusterCallHandler
{
    private const int MaxKept = 16;

    private readonly Stack<ClusterCall> _free = new();

    /// <summary>One to fill and to send, or to <see cref="Return"/>.</summary>
    public ClusterCall Take(Worker worker) => _free.TryPop(out var call) ? call : new ClusterCall(worker, this);

    public void Return(ClusterCall call)
    {
        if (_free.Count < MaxKept)
            _free.Push(call);
    }

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status) => Return(call);
}
