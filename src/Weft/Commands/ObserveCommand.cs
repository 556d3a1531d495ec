using System.Net;
using Weft.Base.Logging;
using Weft.CommandLine;
using Weft.Config;
using Weft.Net;
using Weft.Observe;
using Weft.Observe.Serving;
using Weft.Observe.Statsd;
using Weft.Observe.Traces;

namespace Weft.Commands;

/// <summary><c>weft observe</c>: traces, metrics, access logs and live traffic of proxies in one process with a page.</summary>
internal static class ObserveCommand
{
    private const long BytesPerMegabyte = 1024 * 1024;
    private const int MaxMegabytes = 1024 * 1024;
    private const int MaxBodyKilobytes = 1024 * 1024;

    private static CommandOption[] Options => ObserveOptionTable.Options;

    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var given = OptionParser.Parse(Options, args);
        if (given.IsGiven("help"))
            return Help(output);
        if (OptionsOf(given, error) is not { } options)
            return 1;
        using var loop = new EventLoop("main_thread") { UnhandledException = static e => Logger.Get("observe").Error($"a bug: {e}") };
        try
        {
            using var observer = new Observer(loop, options);
            using var signals = new Signals(loop, _ => loop.Stop(), static () => { });
            observer.Start();
            Tell(observer);
            loop.Run();
            return 0;
        }
        catch (NetException e)
        {
            error.WriteLine($"weft observe: cannot listen at {options.Address}: {NetException.Text(e.Errno)}; the options ending in -port choose other ports");
            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"weft observe: {e.Message}");
            return 1;
        }
    }

    public static int Help(TextWriter output)
    {
        output.Write(HelpText.Of(
            "weft observe [options]",
            "Collects traces (Zipkin, OpenTelemetry), statsd metrics and access logs, shows them and the live traffic of proxies on a page, and answers the queries of tools written for Zipkin and Prometheus.",
            Options));
        return 0;
    }

    /// <summary>For people, and for scripts that chose port 0.</summary>
    private static void Tell(Observer observer)
    {
        var log = Logger.Get("observe");
        log.Info($"page and Zipkin collector at http://{observer.HttpAddress}/");
        log.Info($"OTLP and access logs by gRPC at {observer.GrpcAddress}, OTLP by HTTP at {observer.OtlpHttpAddress}");
        log.Info($"statsd at {observer.StatsdAddress} (UDP and TCP), for Prometheus at http://{observer.MetricsAddress}/metrics");
    }

    private static ObserveOptions? OptionsOf(ParsedOptions given, TextWriter error)
    {
        foreach (var option in Options.Where(static option => option.Name.EndsWith("-port", StringComparison.Ordinal)))
        {
            if (given.Number(option.Name) > ushort.MaxValue)
                return Refuse(error, $"--{option.Name}: there is no port {given.Number(option.Name)}");
        }

        if (!IPAddress.TryParse(given.Text("address"), out _))
            return Refuse(error, $"--address: '{given.Text("address")}' is no IP address");
        if (given.All("proxy").FirstOrDefault(static proxy => !Uri.TryCreate($"http://{proxy}/", UriKind.Absolute, out var uri) || uri.PathAndQuery != "/") is { } unclear)
            return Refuse(error, $"--proxy: '{unclear}' is no HOST:PORT");
        if (given.Number("data-mb") is 0 or > MaxMegabytes || given.Number("max-span-mb") > MaxMegabytes || given.Number("max-config-mb") > MaxMegabytes || given.Number("max-body-kb") is 0 or > MaxBodyKilobytes)
            return Refuse(error, "--data-mb, --max-span-mb, --max-config-mb, --max-body-kb: out of range");
        if (ReadMapping(given, error) is not { } mapping)
            return null;
        return new ObserveOptions
        {
            Address = given.Text("address"),
            HttpPort = (int)given.Number("http-port"),
            GrpcPort = (int)given.Number("grpc-port"),
            OtlpHttpPort = (int)given.Number("otlp-http-port"),
            StatsdPort = (int)given.Number("statsd-port"),
            MetricsPort = (int)given.Number("metrics-port"),
            Proxies = given.All("proxy"),
            ProxyFolder = given.IsGiven("proxies") ? given.Text("proxies") : null,
            FindsProxies = !given.IsGiven("no-discovery"),
            MaxConfigBytes = given.Number("max-config-mb") * BytesPerMegabyte,
            ScrapeIntervalMs = (int)Math.Clamp(given.Number("scrape-interval-ms"), 100, int.MaxValue),
            AccessLogs = given.All("access-log"),
            Mapping = mapping,
            DataDirectory = given.IsGiven("data") ? given.Text("data") : null,
            MaxDataBytes = given.Number("data-mb") * BytesPerMegabyte,
            MaxSeries = (int)Math.Min(given.Number("max-series"), int.MaxValue),
            MaxLogLines = (int)Math.Min(given.Number("max-log-lines"), int.MaxValue),
            Traces = new TraceLimits { MaxSpans = (int)Math.Min(given.Number("max-spans"), int.MaxValue), MaxBytes = given.Number("max-span-mb") * BytesPerMegabyte },
            Serving = new ServingLimits { MaxBodyBytes = (int)given.Number("max-body-kb") * 1024, MaxPendingBytes = Math.Max(64, given.Number("max-body-kb") / 256) * BytesPerMegabyte },
        };
    }

    private static StatsdMapping? ReadMapping(ParsedOptions given, TextWriter error)
    {
        if (!given.IsGiven("statsd-mapping"))
            return StatsdMapping.None;
        var file = given.Text("statsd-mapping");
        try
        {
            var findings = new Findings();
            var mapping = new StatsdMappingReader(findings).Read(File.ReadAllText(file), file);
            foreach (var fault in findings.Errors)
                error.WriteLine(fault.ToString());
            return findings.HasErrors ? null : mapping;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"weft observe: {e.Message}");
            return null;
        }
    }

    private static ObserveOptions? Refuse(TextWriter error, string why)
    {
        error.WriteLine($"weft observe: {why}");
        return null;
    }
}
