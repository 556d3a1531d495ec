using Weft.Bench.Load;

namespace Weft.Bench;

/// <summary>How long a proxy and the load waited for a core that something else had.</summary>
internal sealed class Waiting
{
    /// <summary>From this share of the time on it is worth a word.</summary>
    private const double Much = 0.05;

    private double _proxySeconds;
    private double _loadSeconds;
    private double _seconds;

    /// <summary>What to say of it; null: nothing.</summary>
    public string? Note => Math.Max(_proxySeconds, _loadSeconds) <= Much * _seconds ? null :
        $"the machine was busy with other things: the proxy waited {_proxySeconds / _seconds:P0} of the time for its core, the load {_loadSeconds / _seconds:P0}. CPU time per request still compares; requests/s as seen and latencies hardly.";

    public void Add(Round round)
    {
        _seconds += round.Seconds;
        _proxySeconds += round.Usage.WaitNs / 1e9;
        _loadSeconds += round.LoadUsage.WaitNs / 1e9;
    }
}
