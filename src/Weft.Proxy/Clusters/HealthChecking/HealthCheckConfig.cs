using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Extensions.HealthCheck.EventSinks.File.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Bootstrap;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>The active health check of a cluster, as configured. Immutable.</summary>
internal sealed class HealthCheckConfig
{
    public required HealthCheckKind Kind { get; init; }

    public required HealthCheckIntervals Intervals { get; init; }

    /// <summary>timeout of one check, connecting included.</summary>
    public required long TimeoutMs { get; init; }

    /// <summary>Failures in a row that make an endpoint unhealthy (HTTP answers that are wrong make it so at once).</summary>
    public required uint UnhealthyThreshold { get; init; }

    /// <summary>Successes in a row that make it healthy again; at the first check one is enough.</summary>
    public required uint HealthyThreshold { get; init; }

    /// <summary>reuse_connection; default true.</summary>
    public bool ReuseConnection { get; init; } = true;

    /// <summary>alt_port: where checks go unless the endpoint says otherwise; 0: the endpoint's own port.</summary>
    public int AlternatePort { get; init; }

    /// <summary>always_log_health_check_failures: not only the first.</summary>
    public bool LogsEveryFailure { get; init; }

    /// <summary>always_log_health_check_success.</summary>
    public bool LogsEverySuccess { get; init; }

    /// <summary>tls_options.alpn_protocols, each behind its length; null: those of the cluster.</summary>
    public byte[]? Protocols { get; init; }

    /// <summary>transport_socket_match_criteria: by these fields checks find their transport socket; null: by the endpoint's metadata.</summary>
    public Struct? TransportMatch { get; init; }

    /// <summary>Where events are written: event_log_path and event_logger.</summary>
    public IReadOnlyList<AccessLogFile> EventFiles { get; init; } = [];

    /// <summary>Null when the cluster has none, or after a fault, which is reported.</summary>
    /// <param name="stats">The scope <c>cluster.NAME.</c></param>
    public static HealthCheckConfig? Create(ClusterMessage cluster, StatsScope stats, FactoryContext context)
    {
        if (cluster.HealthChecks.Count == 0)
            return null;
        if (cluster.HealthChecks.Count > 1)
        {
            context.Config.Error(cluster, "health_checks", "Multiple health checks not supported");
            return null;
        }

        var config = cluster.HealthChecks[0];
        if (HealthCheckKindRegistry.Create(config, cluster, stats, context) is not { } kind)
            return null;
        return new HealthCheckConfig
        {
            Kind = kind,
            Intervals = HealthCheckIntervals.Create(config),
            TimeoutMs = config.Timeout.ToMs(0),
            UnhealthyThreshold = config.UnhealthyThreshold ?? 1,
            HealthyThreshold = config.HealthyThreshold ?? 1,
            ReuseConnection = config.ReuseConnection ?? true,
            AlternatePort = (int)Math.Min(config.AltPort ?? 0, ushort.MaxValue),
            LogsEveryFailure = config.AlwaysLogHealthCheckFailures,
            LogsEverySuccess = config.AlwaysLogHealthCheckSuccess,
            Protocols = ProtocolsOf(config.TlsOptions, context),
            TransportMatch = config.TransportSocketMatchCriteria,
            EventFiles = EventFilesOf(config, context),
        };
    }

    private static byte[]? ProtocolsOf(HealthCheck.Types.TlsOptions? options, FactoryContext context)
    {
        if (options is null || options.AlpnProtocols.Count == 0)
            return null;
        var protocols = new List<byte>();
        foreach (var protocol in options.AlpnProtocols.SelectMany(static entry => entry.Split(',')))
        {
            if (protocol.Length is 0 or > byte.MaxValue)
                context.Config.Error(options, "alpn_protocols", $"Invalid ALPN protocol '{protocol}'");
            protocols.Add((byte)protocol.Length);
            protocols.AddRange(Encoding.ASCII.GetBytes(protocol));
        }

        return [.. protocols];
    }

    private static List<AccessLogFile> EventFilesOf(HealthCheck config, FactoryContext context)
    {
        var files = new List<AccessLogFile>();
#pragma warning disable CS0612 // the deprecated path is still in files
        if (config.EventLogPath.Length > 0)
            Open(config, "event_log_path", config.EventLogPath, files, context);
#pragma warning restore CS0612
        foreach (var sink in config.EventLogger)
        {
            if (context.Config.Unpack<HealthCheckEventFileSink>(sink.TypedConfig) is { } file)
                Open(file, "event_log_path", file.EventLogPath, files, context);
        }

        return files;
    }

    private static void Open(IMessage at, string field, string path, List<AccessLogFile> files, FactoryContext context)
    {
        try
        {
            files.Add(context.AccessLogFiles.Open(path));
        }
        catch (IOException fault)
        {
            context.Config.Error(at, field, fault.Message);
        }
    }
}
