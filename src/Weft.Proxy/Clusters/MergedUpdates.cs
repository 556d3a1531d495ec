using Weft.Net;

namespace Weft.Proxy.Clusters;

/// <summary>
/// Makes one snapshot of many changes of health: one per turn of the loop, and with common_lb_config.update_merge_window one per window. Main thread.
/// </summary>
/// <param name="windowMs">0: none, which is the default here: a snapshot costs little, and who has failed should not be waited for.</param>
internal sealed class MergedUpdates(EventLoop loop, long windowMs, Action publish) : ITurnEndWork
{
    private readonly LoopTimer _timer = new(loop, publish);
    private bool _isRequested;

    /// <summary>When the last snapshot was published, of whatever cause.</summary>
    public long LastMs { get; set; }

    /// <summary>A snapshot is to follow.</summary>
    public void Request()
    {
        if (_isRequested || _timer.IsArmed)
            return;
        _isRequested = true;
        loop.AtTurnEnd(this);
    }

    /// <summary>A snapshot was published that shows everything: none needs to follow.</summary>
    public void OnPublished()
    {
        LastMs = loop.NowMs;
        _timer.Cancel();
    }

    public void Cancel() => _timer.Cancel();

    void ITurnEndWork.OnTurnEnd()
    {
        _isRequested = false;
        var passedMs = loop.NowMs - LastMs;
        if (windowMs == 0 || passedMs > windowMs)
            publish();
        else
            _timer.Arm(windowMs - passedMs);
    }
}
