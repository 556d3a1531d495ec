using Weft.CommandLine;

namespace Weft.Commands;

/// <summary>The options of <c>weft observe</c>.</summary>
internal static class ObserveOptionTable
{
    private const string Ports = "Ports (0: chosen by the system; every one answers every path)";
    private const string Inputs = "What is watched beside what is sent";
    private const string Limits = "What is kept at most; the oldest goes first, and is counted";

    public static readonly CommandOption[] Options =
    [
        new(Ports, "address", "ip", "Address of all ports. There is no login: open it to others only where you trust them.") { Default = "127.0.0.1" },
        new(Ports, "http-port", "port", "The page, its queries, and Zipkin's API: POST /api/v2/spans (JSON, protobuf) and /api/v1/spans (JSON).") { Default = "9411", IsNumber = true },
        new(Ports, "grpc-port", "port", "OpenTelemetry traces, logs and metrics by gRPC, and Envoy's access log service.") { Default = "4317", IsNumber = true },
        new(Ports, "otlp-http-port", "port", "OpenTelemetry by HTTP: POST /v1/traces, /v1/logs and /v1/metrics (protobuf, JSON).") { Default = "4318", IsNumber = true },
        new(Ports, "statsd-port", "port", "statsd by UDP and TCP, with tags in the ways of DogStatsD, Graphite, Librato and InfluxDB.") { Default = "9125", IsNumber = true },
        new(Ports, "metrics-port", "port", "GET /metrics: for Prometheus, what came by statsd and OpenTelemetry.") { Default = "9102", IsNumber = true },
        new(Inputs, "proxy", "host:port", "Admin address of a proxy whose traffic, clusters and configuration are shown. May be given more than once. Proxies of weft on this machine are found without it.") { IsRepeatable = true },
        new(Inputs, "proxies", "folder", "Proxies whose admin addresses stand in the files of this folder, as --admin-address-path of a proxy writes them; they are found and lost while this runs."),
        new(Inputs, "no-discovery", null, "Do not look for proxies on this machine."),
        new(Inputs, "scrape-interval-ms", "ms", "How often proxies are asked.") { Default = "2000", IsNumber = true },
        new(Inputs, "access-log", "file", "An access log to follow as it grows. May be given more than once.") { IsRepeatable = true },
        new(Inputs, "statsd-mapping", "file", "How names of statsd become names and labels: a mapping file of Prometheus' statsd_exporter."),
        new(Limits, "data", "folder", "Keep traces and access logs there as well and read them back at the start. Without it they live in memory only."),
        new(Limits, "data-mb", "megabytes", "Disk for traces, and as much for access logs.") { Default = "256", IsNumber = true },
        new(Limits, "max-spans", "number", "Spans in memory.") { Default = "200000", IsNumber = true },
        new(Limits, "max-span-mb", "megabytes", "Memory for spans.") { Default = "256", IsNumber = true },
        new(Limits, "max-log-lines", "number", "Lines of access logs in memory.") { Default = "20000", IsNumber = true },
        new(Limits, "max-config-mb", "megabytes", "Memory for configurations of proxies, while somebody looks at them.") { Default = "128", IsNumber = true },
        new(Limits, "max-series", "number", "Series that come by statsd and OpenTelemetry.") { Default = "20000", IsNumber = true },
        new(Limits, "max-body-kb", "kilobytes", "One request's body, also after it is decompressed; a longer one is answered 413.") { Default = "10240", IsNumber = true },
        new("Other", "help", null, "Print this.") { Short = 'h' },
    ];
}
