using Weft.Net;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>
/// Makes one snapshot of many changes of health: one per turn of the loop, and with common_lb_config.update_merge_window one per window. Main thread.
/// </summary>
/// <param name="loop">The main thread's.</param>
/// <param name="windowMs">0: none, which is the default here: a snapshot costs little, and who has failed should not be waited for.</param>
/// <param name="stats">Counts what windows do; null: nobody wants to know.</param>
/// <param name="publish">Makes the snapshot.</param>
internal sealed class MergedUpdates(EventLoop loop, long windowMs, ClusterManagerStats? stats, Action publish) : ITurnEndWork
{
    private LoopTimer? _timer;
    private bool _isRequested;

    /// <summary>When the last snapshot was published, of whatever cause.</summary>
    public long LastMs { get; set; }

    /// <summary>A snapshot is to follow.</summary>
    public void Request()
    {
        if (_isRequested || _timer is { IsArmed: true })
            return;
        _isRequested = true;
        loop.AtTurnEnd(this);
    }

    /// <summary>A snapshot was published that shows everything: none needs to follow.</summary>
    public void OnPublished()
    {
        LastMs = loop.NowMs;
        if (_timer is not { IsArmed: true })
            return;
        stats?.UpdateMergeCancelled.Inc();
        _timer.Cancel();
    }

    public void Cancel() => _timer?.Cancel();

    void ITurnEndWork.OnTurnEnd()
    {
        _isRequested = false;
        var passedMs = loop.NowMs - LastMs;
        if (windowMs > 0 && passedMs <= windowMs)
        {
            _timer ??= new LoopTimer(loop, PublishMerged);
            _timer.Arm(windowMs - passedMs);
            return;
        }

        if (windowMs > 0)
            stats?.UpdateOutOfMergeWindow.Inc();
        publish();
    }

    private void PublishMerged()
    {
        stats?.ClusterUpdatedViaMerge.Inc();
        publish();
    }
}
