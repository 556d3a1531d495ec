using System.Globalization;
using System.Text;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.Bootstrap.HotRestart;

/// <summary>
/// What a process that was taken over from still counts, told to its successor as differences: counters, and gauges of what is active here. From
/// the hand-over on nobody else takes the differences. Main thread.
/// </summary>
internal sealed class StatsReport : IDisposable
{
    private const long IntervalMs = 1_000;

    private static readonly Logger Log = Logger.Get("main");

    private readonly StatsStore _stats;
    private readonly HotRestartChannel _channel;
    private readonly Func<long> _connections;
    private readonly LoopTimer _timer;
    private readonly Dictionary<(string Prefix, string Suffix), long> _toldGauges = [];
    private readonly List<Statistic> _statistics = [];
    private readonly StringBuilder _lines = new();
    private bool _isOver;

    /// <param name="stats">Of this process.</param>
    /// <param name="channel">To the successor; this owns it.</param>
    /// <param name="connections">How many connections are open here.</param>
    public StatsReport(StatsStore stats, HotRestartChannel channel, Func<long> connections, EventLoop loop)
    {
        (_stats, _channel, _connections) = (stats, channel, connections);
        _timer = new LoopTimer(loop, OnTimer);
    }

    /// <summary>A gauge that counts things of one process: those of both are added. Others (members, states, versions) are the successor's own.</summary>
    public static bool IsAdded(string suffix)
    {
        var last = suffix.AsSpan(suffix.LastIndexOf('.') + 1);
        return (last.StartsWith("downstream_") || last.StartsWith("upstream_")) && (last.EndsWith("_active") || last.EndsWith("_buffered"));
    }

    /// <summary>What was counted until now stays with this process; the rest is told now and again.</summary>
    public void Start()
    {
        List();
        foreach (var statistic in _statistics)
            statistic.TakeDelta();
        OnTimer();
    }

    /// <summary>Tells what has changed since the last time.</summary>
    public void Tell()
    {
        if (_isOver)
            return;
        try
        {
            TellChanges();
        }
        catch (NetException e)
        {
            Log.Debug($"hot restart: the successor does not take statistics any more: {e.Message}");
            End();
        }
    }

    public void Dispose()
    {
        End();
        _channel.Dispose();
    }

    private void End()
    {
        _isOver = true;
        _timer.Cancel();
        _channel.Shutdown();
    }

    private void OnTimer()
    {
        Tell();
        if (!_isOver)
            _timer.Arm(IntervalMs);
    }

    private void TellChanges()
    {
        List();
        foreach (var statistic in _statistics)
        {
            if (statistic.Kind == StatKind.Counter)
                Add('c', statistic, statistic.TakeDelta());
            else if (statistic.Kind == StatKind.Gauge && IsAdded(statistic.Suffix))
                Add('g', statistic, GrowthOf(statistic));
        }

        Send();
        _channel.Send(new HotRestartMessage(HotRestartChannel.Connections, _connections().ToString(CultureInfo.InvariantCulture)));
    }

    private void List()
    {
        _statistics.Clear();
        _stats.List(_statistics);
    }

    private long GrowthOf(in Statistic gauge)
    {
        var name = (gauge.Prefix, gauge.Suffix);
        var (told, value) = (_toldGauges.GetValueOrDefault(name), gauge.Value);
        if (value != told)
            _toldGauges[name] = value;
        return value - told;
    }

    /// <summary>A line is: kind, amount, prefix, suffix, with tabs between them.</summary>
    private void Add(char kind, in Statistic statistic, long amount)
    {
        if (amount == 0)
            return;
        var line = string.Create(CultureInfo.InvariantCulture, $"{kind}\t{amount}\t{statistic.Prefix}\t{statistic.Suffix}");
        // A name like that is nobody's; it would end its line.
        if (line.Contains('\n', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(line) > HotRestartChannel.MaxTextBytes)
            return;
        // In the longest case every character is three bytes.
        if ((_lines.Length + line.Length + 1) * 3 > HotRestartChannel.MaxTextBytes)
            Send();
        _lines.Append(line).Append('\n');
    }

    private void Send()
    {
        if (_lines.Length > 0)
            _channel.Send(new HotRestartMessage(HotRestartChannel.Stats, _lines.ToString()));
        _lines.Clear();
    }
}
