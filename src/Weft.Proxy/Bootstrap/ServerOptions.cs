using Weft.Base.Logging;
using Weft.Config;
using Weft.Proxy.Listeners;

namespace Weft.Proxy.Bootstrap;

/// <summary>What the process is started for (--mode).</summary>
public enum ServerMode
{
    /// <summary>Check the configuration, then serve.</summary>
    Serve,

    /// <summary>Check the configuration and exit; nothing is bound.</summary>
    Validate,

    /// <summary>Initialise as for serving, then exit at once.</summary>
    InitOnly,
}

/// <summary>How responses begin to ask for closing during a drain (--drain-strategy).</summary>
public enum DrainStrategy
{
    /// <summary>A share of responses that grows to all over the drain time.</summary>
    Gradual,

    /// <summary>All responses, from the start.</summary>
    Immediate,
}

/// <summary>The command line of <c>weft proxy</c>, with Envoy's meanings and defaults. Immutable.</summary>
public sealed record ServerOptions
{
    /// <summary>--config-path; "" when none.</summary>
    public string ConfigPath { get; init; } = "";

    /// <summary>--config-yaml, merged over the file; "" when none.</summary>
    public string ConfigYaml { get; init; } = "";

    public ServerMode Mode { get; init; } = ServerMode.Serve;

    /// <summary>Worker threads, at least 1; default the number of processors this process may use.</summary>
    public int Concurrency { get; init; } = Math.Max(1, Environment.ProcessorCount);

    public LogLevel LogLevel { get; init; } = LogLevel.Info;

    /// <summary>--component-log-level as written; "" when none.</summary>
    public string ComponentLogLevels { get; init; } = "";

    /// <summary>--log-path; "" means stderr.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>--log-format; default Envoy's.</summary>
    public string LogFormat { get; init; } = LogPattern.Default;

    /// <summary>--log-format was given, so application_log_config may not be.</summary>
    public bool LogFormatIsGiven { get; init; }

    public bool LogFormatEscaped { get; init; }

    /// <summary>--service-node, over Bootstrap.node.id; "" when not given.</summary>
    public string ServiceNode { get; init; } = "";

    /// <summary>--service-cluster, over Bootstrap.node.cluster; "" when not given.</summary>
    public string ServiceCluster { get; init; } = "";

    /// <summary>--service-zone, over Bootstrap.node.locality.zone; "" when not given.</summary>
    public string ServiceZone { get; init; } = "";

    /// <summary>--watch-config: changes of the bootstrap file are taken over as on SIGHUP.</summary>
    public bool WatchConfig { get; init; }

    /// <summary>--xds-cache: what management servers gave last is kept there for a start without them; "" when not given.</summary>
    public string XdsCacheDirectory { get; init; } = "";

    public uint BaseId { get; init; }

    public bool UseDynamicBaseId { get; init; }

    /// <summary>--base-id-path: the base id is written there; "" when not given.</summary>
    public string BaseIdPath { get; init; } = "";

    public uint RestartEpoch { get; init; }

    public bool DisableHotRestart { get; init; }

    /// <summary>
    /// A process with the same base id is taken over from, and a later one takes over from this one. Only when --base-id, --use-dynamic-base-id or
    /// --restart-epoch is given (Envoy: always), so that proxies started side by side leave each other alone.
    /// </summary>
    public bool HotRestart { get; init; }

    /// <summary>As /hot_restart_version tells it.</summary>
    public string HotRestartVersion => HotRestart ? SupportedHotRestartVersion : "disabled";

    /// <summary>As --hot-restart-version tells it.</summary>
    public static string SupportedHotRestartVersion => Bootstrap.HotRestart.HotRestartChannel.Version;

    /// <summary>--restart-epoch above 0 needs a parent, unless this is set.</summary>
    public bool SkipHotRestartOnNoParent { get; init; }

    /// <summary>--skip-hot-restart-parent-stats: what the parent still counts is not added to the statistics.</summary>
    public bool SkipHotRestartParentStats { get; init; }

    /// <summary>--drain-time-s; default 600 s.</summary>
    public uint DrainTimeSeconds { get; init; } = 600;

    /// <summary>--drain-time-s was said: then it also bounds a stop.</summary>
    public bool DrainTimeIsGiven { get; init; }

    public DrainStrategy DrainStrategy { get; init; } = DrainStrategy.Gradual;

    internal DrainTimes DrainTimes => new(DrainTimeSeconds * 1000L, DrainStrategy == DrainStrategy.Immediate ? 0 : DrainTimeSeconds * 1000L);

    /// <summary>
    /// How long a stop waits for what runs: the drain time if it was given. Otherwise as long as a request may take by default (the route timeout), since
    /// nobody waits ten minutes for a process to end.
    /// </summary>
    internal long StopLimitMs => DrainTimeIsGiven ? DrainTimes.LimitMs : 15_000;

    /// <summary>Default 900 s.</summary>
    public uint ParentShutdownTimeSeconds { get; init; } = 900;

    /// <summary>How long lines of access logs may wait for others; default 100 ms (Envoy: 10,000).</summary>
    public uint FileFlushIntervalMs { get; init; } = 100;

    /// <summary>--admin-address-path: the bound admin address is written there; "" when not given.</summary>
    public string AdminAddressPath { get; init; } = "";

    /// <summary>The proxy's own address is an IPv6 one (--local-address-ip-version v6).</summary>
    public bool LocalAddressIsIPv6 { get; init; }

    public bool AllowUnknownStaticFields { get; init; }

    internal UnknownFields UnknownStaticFields => AllowUnknownStaticFields ? UnknownFields.Warned : UnknownFields.Refused;

    internal UnknownFields UnknownDynamicFields => (RejectUnknownDynamicFields, IgnoreUnknownDynamicFields) switch
    {
        (true, _) => UnknownFields.Refused,
        (_, true) => UnknownFields.Ignored,
        _ => UnknownFields.Warned,
    };

    public bool RejectUnknownDynamicFields { get; init; }

    public bool IgnoreUnknownDynamicFields { get; init; }

    public bool SkipDeprecatedLogs { get; init; }

    /// <summary>Fields and extensions that Weft does not implement are warnings instead of errors.</summary>
    public bool AllowUnimplemented { get; init; }

    public bool EnableMutexTracing { get; init; }

    public bool CpusetThreads { get; init; }

    public IReadOnlyList<string> DisabledExtensions { get; init; } = [];

    public string SocketPath { get; init; } = "@envoy_domain_socket";

    /// <summary>--socket-mode, as a number.</summary>
    public uint SocketMode { get; init; }

    /// <summary>--stats-tag, each <c>name:value</c>.</summary>
    public IReadOnlyList<string> StatsTags { get; init; } = [];
}
