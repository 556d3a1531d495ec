using System.Buffers;
using System.Text;
using System.Text.Json;
using Weft.Net;
using Weft.Observe.Api;
using Weft.Observe.Configs;
using Weft.Observe.Logs;
using Weft.Observe.Proxies;
using Weft.Observe.Serving;
using Weft.Observe.Statsd;
using Weft.Observe.Storage;
using Weft.Observe.Traces;
using Weft.Observe.Traces.Zipkin;
using Weft.Observe.Traffic;

namespace Weft.Observe;

/// <summary>Everything that <c>weft observe</c> is: stores, receivers, page. One loop, whose thread all of it runs on.</summary>
internal sealed class Observer : IDisposable
{
    private const int TickMs = 500;
    private const int TicksPerSecond = 1000 / TickMs;
    /// <summary>What memory holds of a file, at most, per byte of it: more would only push out what was read before.</summary>
    private const int CharBytes = 2;

    private const int AgeTicks = 300 * TicksPerSecond;

    /// <summary>How often proxies are looked for.</summary>
    private const int LookTicks = 2 * TicksPerSecond;

    private readonly EventLoop _loop;
    private readonly LoopTimer _tick;
    private readonly List<ServingSocket> _sockets = [];
    private readonly ServingLoad _load = new();
    private readonly StatsdReceiver _statsd;
    private readonly List<LogTail> _tails = [];
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _json;
    private SegmentedLog? _spansOnDisk;
    private SegmentedLog? _logsOnDisk;
    private long _ticks;

    /// <exception cref="NetException">An address cannot be bound.</exception>
    /// <exception cref="IOException">The data directory cannot be used.</exception>
    public Observer(EventLoop loop, ObserveOptions options)
    {
        (_loop, Options) = (loop, options);
        _json = new Utf8JsonWriter(_line);
        Traces = new TraceStore(options.Traces);
        Tags = new TagCatalog(Traces, () => loop.NowMs);
        Logs = new LogStore(options.MaxLogLines, options.MaxLogBytes);
        Metrics = new MetricStore(options.Mapping, options.MaxSeries);
        _tick = new LoopTimer(loop, OnTick);
        Proxies = new ProxyList(loop, options, Traffic);
        Configs = new ConfigStore(() => Proxies.All, options.MaxConfigBytes);
        foreach (var file in options.AccessLogs)
            _tails.Add(new LogTail(file, line => AddLog(file, line)));
        var handler = new ObserveHandler(this);
        foreach (var port in (int[])[options.HttpPort, options.GrpcPort, options.OtlpHttpPort, options.MetricsPort])
            _sockets.Add(new ServingSocket(loop, At(port), handler, options.Serving, _load));
        _statsd = new StatsdReceiver(loop, At(options.StatsdPort), Metrics);
    }

    public ObserveOptions Options { get; }

    public TraceStore Traces { get; }

    /// <summary>Of the traces, for whoever searches.</summary>
    public TagCatalog Tags { get; }

    public LogStore Logs { get; }

    public MetricStore Metrics { get; }

    public TrafficStore Traffic { get; } = new();

    public ProxyList Proxies { get; }

    public ConfigStore Configs { get; }

    /// <summary>Requests whose body was refused.</summary>
    public long Malformed { get; set; }

    /// <summary>Lines and spans that could not be written to the disk.</summary>
    public long FailedWrites => (_spansOnDisk?.Failed ?? 0) + (_logsOnDisk?.Failed ?? 0);

    /// <summary>Datagrams of statsd that the system dropped.</summary>
    public long LostDatagrams => _statsd.Lost;

    public long RefusedConnections => _load.Refused;

    /// <summary>Of page and queries.</summary>
    public NetAddress HttpAddress => _sockets[0].Address;

    public NetAddress GrpcAddress => _sockets[1].Address;

    public NetAddress OtlpHttpAddress => _sockets[2].Address;

    public NetAddress MetricsAddress => _sockets[3].Address;

    public NetAddress StatsdAddress => _statsd.Address;

    /// <summary>Milliseconds since 1970.</summary>
    public long NowMs => new DateTimeOffset(_loop.UtcNow).ToUnixTimeMilliseconds();

    /// <summary>Reads back what is on disk and begins to serve.</summary>
    public void Start()
    {
        if (Options.DataDirectory is { } directory)
            ReadBack(directory);
        foreach (var socket in _sockets)
            socket.Start();
        _statsd.Start();
        Proxies.Start();
        OnTick();
    }

    public void AddSpans(IReadOnlyList<SpanRecord> spans)
    {
        foreach (var span in spans)
        {
            if (Traces.Add(span))
                KeepSpan(span);
        }
    }

    public void AddLog(string source, string text)
    {
        var record = Logs.Add(source, NowMs, text);
        if (_logsOnDisk is null)
            return;
        _logsOnDisk.Append(Encoding.UTF8.GetBytes($"{record.ReceivedMs}\t{source.ReplaceLineEndings(" ").Replace('\t', ' ')}\t{record.Text.ReplaceLineEndings(" ")}"));
    }

    public void Dispose()
    {
        _tick.Cancel();
        foreach (var socket in _sockets)
            socket.Dispose();
        _statsd.Dispose();
        Proxies.Dispose();
        foreach (var tail in _tails)
            tail.Dispose();
        _spansOnDisk?.Dispose();
        _logsOnDisk?.Dispose();
        _json.Dispose();
    }

    private NetAddress At(int port) => NetAddress.TryParseIP(Options.Address, port, out var address) ? address : throw new ArgumentException($"{Options.Address} is no IP address");

    private void OnTick()
    {
        _ticks++;
        foreach (var tail in _tails)
            tail.Poll();
        if (_ticks % (Math.Max(TickMs, Options.ScrapeIntervalMs) / TickMs) == 0)
            Traffic.EndLoggedInterval(Math.Max(TickMs, Options.ScrapeIntervalMs) / 1000.0);
        if (_ticks % TicksPerSecond == 0)
        {
            _spansOnDisk?.Flush();
            _logsOnDisk?.Flush();
        }

        if (_ticks % LookTicks == 0)
            Proxies.Look();
        if (_ticks % AgeTicks == 0)
        {
            Metrics.Age();
            Configs.Age();
        }

        _tick.Arm(TickMs);
    }

    private void KeepSpan(SpanRecord span)
    {
        if (_spansOnDisk is null)
            return;
        _line.ResetWrittenCount();
        _json.Reset();
        ZipkinJsonWriter.Write(_json, span);
        _json.Flush();
        _spansOnDisk.Append(_line.WrittenSpan);
    }

    private void ReadBack(string directory)
    {
        var spans = new SegmentedLog(directory, "spans", Options.MaxDataBytes);
        foreach (var line in spans.ReadBack(Options.Traces.MaxBytes / CharBytes))
        {
            try
            {
                using var span = JsonFields.Parse(line);
                Traces.Add(ZipkinJsonReader.ReadSpan(span.RootElement));
            }
            catch (BadInputException)
            {
                Malformed++;
            }
        }

        var logs = new SegmentedLog(directory, "access-logs", Options.MaxDataBytes);
        foreach (var line in logs.ReadBack(Options.MaxLogBytes / CharBytes))
        {
            if (Encoding.UTF8.GetString(line).Split('\t', 3) is [var ms, var source, var text] && long.TryParse(ms, out var time))
                Logs.Add(source, time, text);
        }

        (_spansOnDisk, _logsOnDisk) = (spans, logs);
    }
}
