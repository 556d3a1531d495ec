using Weft.Net;
using Weft.Proxy.Workers;

namespace Weft.Proxy.NetworkFilters.ConnectionLimit;

/// <summary>envoy.filters.network.connection_limit: closes connections beyond a number, at once or, so that clients do not hurry back, after a while. Worker thread.</summary>
internal sealed class ConnectionLimitFilter(ConnectionLimitFactory config, Worker worker) : NetworkFilter
{
    private LoopTimer? _delay;
    private bool _counts;
    private bool _isRefused;

    public override NetworkFilterStatus OnNewConnection()
    {
        if (!config.IsEnabled)
            return NetworkFilterStatus.Continue;
        config.Active.Inc();
        _counts = true;
        if (config.TryAcquire())
            return NetworkFilterStatus.Continue;
        config.Limited.Inc();
        _isRefused = true;
        if (config.DelayMs > 0)
        {
            _delay = new LoopTimer(worker.Loop, () => Connection.Close(CloseMode.Now));
            _delay.Arm(config.DelayMs);
        }
        else
        {
            Connection.Close(CloseMode.Now);
        }

        return NetworkFilterStatus.Stop;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream) => _isRefused ? NetworkFilterStatus.Stop : NetworkFilterStatus.Continue;

    public override void OnClosed(CloseReason reason)
    {
        _delay?.Cancel();
        if (!_counts)
            return;
        config.Active.Dec();
        config.Release();
    }
}
