using Weft.Bench.Peers;
using Weft.Net;

namespace Weft.Bench.Load;

/// <summary>What one round of load found.</summary>
internal sealed record Round
{
    public double Seconds { get; init; }

    /// <summary>Requests answered, or bytes carried.</summary>
    public long Count { get; init; }

    /// <summary>The proxy's.</summary>
    public ProcessUsage Usage { get; init; }

    /// <summary>This process's.</summary>
    public ProcessUsage LoadUsage { get; init; }

    public double P50Us { get; init; }

    public double P99Us { get; init; }

    /// <summary>The median of the 99th percentiles of each 20 ms; of an open loop.</summary>
    public double P99WindowUs { get; init; }

    public double PerSecond => Count / Seconds;
}

/// <summary>
/// Load on one proxy from this thread, which also runs the backend: N keep-alive connections, closed loop or at a fixed
/// rate. Every phase is bounded in time.
/// </summary>
internal sealed class HttpLoad : ILoad, IDisposable
{
    private const double MaxConnectSeconds = 5;
    private const double MaxDrainSeconds = 2;
    private const long WindowUs = 20_000;

    private readonly EventLoop _loop;
    private readonly Peer _peer;
    private readonly List<HttpClientConnection> _clients = [];
    private readonly Stack<HttpClientConnection> _idle = new();
    private readonly Latencies _latencies = new();
    private readonly CancellationToken _stop;
    private Mode _mode;
    private long _answered;
    private string? _failure;

    public HttpLoad(EventLoop loop, Peer peer, int connections, int bodyBytes, CancellationToken stop, string host = Shape.UsualHost)
    {
        _loop = loop;
        _peer = peer;
        _stop = stop;
        var address = NetAddress.FromIP(System.Net.IPAddress.Loopback, peer.Ports.Http);
        var request = Messages.Request(bodyBytes, host);
        for (var i = 0; i < connections; i++)
            _clients.Add(new HttpClientConnection(loop, address, bodyBytes, request, this));
        TurnUntil(() => _clients.All(c => c.IsConnected), MaxConnectSeconds, "could not connect");
    }

    private enum Mode { Stopped, Closed, Open }

    /// <summary>Every connection sends its next request as soon as it has its answer.</summary>
    public Round RunClosed(double settleSeconds, double seconds)
    {
        _mode = Mode.Closed;
        foreach (var client in _clients)
            client.Send(_loop.NowUs);
        // One connection: asleep between answers this side would add its own wake-ups to what is measured.
        var wait = _clients.Count == 1 ? 0 : 50;
        TurnFor(settleSeconds, wait);
        var round = Measure(() => TurnFor(seconds, wait));
        Drain();
        return round;
    }

    /// <summary>
    /// Requests start at fixed times, whatever the answers do; one that finds no free connection waits, and its latency counts
    /// from when it should have started (no coordinated omission).
    /// </summary>
    public Round RunOpen(int perSecond, double settleSeconds, double seconds)
    {
        _mode = Mode.Open;
        _idle.Clear();
        foreach (var client in _clients)
            _idle.Push(client);
        var schedule = new Schedule(_loop.NowUs, perSecond);
        TurnOnSchedule(schedule, settleSeconds);
        var round = Measure(() => TurnOnSchedule(schedule, seconds));
        Drain();
        return round;
    }

    /// <summary>One request on every connection, one after the other, so that the proxy needs one upstream connection; then all stay idle.</summary>
    public void RunOnce()
    {
        _mode = Mode.Stopped;
        foreach (var client in _clients)
        {
            client.Send(_loop.NowUs);
            Drain();
        }
    }

    public void OnResponse(HttpClientConnection client)
    {
        _answered++;
        if (_mode == Mode.Stopped)
            return;
        _latencies.Add(_loop.NowUs - client.StartedUs);
        if (_mode == Mode.Closed)
            client.Send(_loop.NowUs);
        else
            _idle.Push(client);
    }

    public void OnFailed(HttpClientConnection client, string reason) => _failure ??= reason;

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Close();
        _loop.RunTurn(0);
    }

    private Round Measure(Action run)
    {
        _latencies.Clear();
        var (answered, startedUs, usage, own) = (_answered, _loop.NowUs, _peer.Usage, ProcessUsage.Of(Environment.ProcessId));
        run();
        return new Round
        {
            Usage = _peer.Usage - usage,
            LoadUsage = ProcessUsage.Of(Environment.ProcessId) - own,
            Seconds = (_loop.NowUs - startedUs) / 1e6,
            Count = _answered - answered,
            P50Us = _latencies.Percentile(0.50),
            P99Us = _latencies.Percentile(0.99),
            P99WindowUs = _latencies.MedianPercentile(0.99),
        };
    }

    private void TurnFor(double seconds, int waitMs)
    {
        for (var end = _loop.NowUs + (long)(seconds * 1e6); _loop.NowUs < end;)
            Turn(waitMs);
    }

    private void TurnOnSchedule(Schedule schedule, double seconds)
    {
        // Never asleep, so that requests start when they should.
        var window = _loop.NowUs + WindowUs;
        for (var end = _loop.NowUs + (long)(seconds * 1e6); _loop.NowUs < end;)
        {
            if (_loop.NowUs >= window)
            {
                _latencies.EndWindow();
                window += WindowUs;
            }
            while (_idle.Count > 0 && schedule.NextUs <= _loop.NowUs)
                _idle.Pop().Send(schedule.Take());
            Turn(0);
        }
    }

    private void Drain()
    {
        _mode = Mode.Stopped;
        TurnUntil(() => !_clients.Any(c => c.IsBusy), MaxDrainSeconds, "does not answer");
    }

    private void TurnUntil(Func<bool> condition, double maxSeconds, string otherwise)
    {
        for (var end = _loop.NowUs + (long)(maxSeconds * 1e6); !condition();)
        {
            if (_loop.NowUs > end)
                throw new LoadException(otherwise);
            Turn(10);
        }
    }

    private void Turn(int waitMs)
    {
        _loop.RunTurn(waitMs);
        _stop.ThrowIfCancellationRequested();
        if (_failure is not null)
            throw new LoadException(_failure);
    }

    /// <summary>The times at which an open loop's requests start.</summary>
    private sealed class Schedule(long startUs, int perSecond)
    {
        private long _taken;

        public long NextUs => startUs + _taken * 1_000_000 / perSecond;

        public long Take()
        {
            var at = NextUs;
            _taken++;
            return at;
        }
    }
}

/// <summary>A peer failed under load: its cell of the table stays empty and says why.</summary>
internal sealed class LoadException(string message) : Exception(message);
