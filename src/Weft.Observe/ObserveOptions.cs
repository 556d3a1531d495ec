using Weft.Observe.Serving;
using Weft.Observe.Statsd;
using Weft.Observe.Traces;

namespace Weft.Observe;

/// <summary>What <c>weft observe</c> was asked to do. Immutable.</summary>
internal sealed record ObserveOptions
{
    /// <summary>IP address of every port.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Of the page, the queries and Zipkin's and OTLP's HTTP. Port 0, here as below: the kernel chooses.</summary>
    public int HttpPort { get; init; } = 9411;

    /// <summary>Of OTLP and access logs by gRPC; the same is served there as at the others.</summary>
    public int GrpcPort { get; init; } = 4317;

    /// <summary>Of OTLP by HTTP.</summary>
    public int OtlpHttpPort { get; init; } = 4318;

    /// <summary>Of statsd, UDP and TCP.</summary>
    public int StatsdPort { get; init; } = 9125;

    /// <summary>Where <c>/metrics</c> is.</summary>
    public int MetricsPort { get; init; } = 9102;

    /// <summary>Admin addresses of proxies.</summary>
    public IReadOnlyList<string> Proxies { get; init; } = [];

    /// <summary>A folder of files with admin addresses; null: none.</summary>
    public string? ProxyFolder { get; init; }

    /// <summary>Whether proxies of this machine that say where they are, are watched.</summary>
    public bool FindsProxies { get; init; }

    /// <summary>Memory for configurations of proxies, while somebody looks at them.</summary>
    public long MaxConfigBytes { get; init; } = 128L * 1024 * 1024;

    public int ScrapeIntervalMs { get; init; } = 2000;

    public IReadOnlyList<string> AccessLogs { get; init; } = [];

    public StatsdMapping Mapping { get; init; } = StatsdMapping.None;

    public int MaxSeries { get; init; } = 20_000;

    public int MaxLogLines { get; init; } = 20_000;

    public long MaxLogBytes { get; init; } = 32L * 1024 * 1024;

    public TraceLimits Traces { get; init; } = new();

    public ServingLimits Serving { get; init; } = new();

    /// <summary>Where traces and access logs are kept beyond the end of the process; null: nowhere.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Of the disk, for traces and for logs each.</summary>
    public long MaxDataBytes { get; init; } = 256L * 1024 * 1024;
}
