using Weft.Net;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Clusters;

/// <summary>Clusters that were removed or replaced while requests to their endpoints live on: what they own is given back after the last. Main thread.</summary>
internal sealed class RetiredClusters(EventLoop loop)
{
    private const long PollMs = 1000;

    private readonly List<(Cluster Cluster, Lifetime Lifetime)> _waiting = [];
    private LoopTimer? _timer;

    public void Add(Cluster cluster, Lifetime lifetime)
    {
        cluster.Retire();
        _waiting.Add((cluster, lifetime));
        Arm();
    }

    private void Arm()
    {
        _timer ??= new LoopTimer(loop, Check);
        if (_waiting.Count == 1)
            _timer.Arm(PollMs);
    }

    /// <summary>Gives back what is not used any more.</summary>
    public void Release() =>
        _waiting.RemoveAll(static retired =>
        {
            if (!retired.Cluster.HasFinished())
                return false;
            retired.Lifetime.Dispose();
            return true;
        });

    private void Check()
    {
        Release();
        if (_waiting.Count > 0)
            _timer!.Arm(PollMs);
    }
}
