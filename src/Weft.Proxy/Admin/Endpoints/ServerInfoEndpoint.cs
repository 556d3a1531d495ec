using Envoy.Admin.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/server_info</c>: version, state, uptime, command line and node, as JSON.</summary>
internal sealed class ServerInfoEndpoint(AdminContext context) : AdminEndpoint("/server_info", "print server version/status information")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        AdminJson.Answer(response, withDefaults: true, message: new ServerInfo
        {
            Version = VersionInfo.Text,
            State = State(context.Status.State),
            HotRestartVersion = context.Options.HotRestartVersion,
            UptimeCurrentEpoch = new Duration { Seconds = context.Status.UptimeSeconds },
            UptimeAllEpochs = new Duration { Seconds = context.Status.UptimeOfAllSeconds },
            CommandLineOptions = CommandLine(context.Options),
            Node = context.Node,
        });
    }

    private static ServerInfo.Types.State State(ServerState state) => state switch
    {
        ServerState.Live => ServerInfo.Types.State.Live,
        ServerState.Draining => ServerInfo.Types.State.Draining,
        ServerState.PreInitializing => ServerInfo.Types.State.PreInitializing,
        _ => ServerInfo.Types.State.Initializing,
    };

    private static CommandLineOptions CommandLine(ServerOptions options) => new()
    {
        BaseId = options.BaseId,
        UseDynamicBaseId = options.UseDynamicBaseId,
        BaseIdPath = options.BaseIdPath,
        SkipHotRestartOnNoParent = options.SkipHotRestartOnNoParent,
        SkipHotRestartParentStats = options.SkipHotRestartParentStats,
        Concurrency = (uint)options.Concurrency,
        ConfigPath = options.ConfigPath,
        ConfigYaml = options.ConfigYaml,
        AllowUnknownStaticFields = options.AllowUnknownStaticFields,
        RejectUnknownDynamicFields = options.RejectUnknownDynamicFields,
        IgnoreUnknownDynamicFields = options.IgnoreUnknownDynamicFields,
        AdminAddressPath = options.AdminAddressPath,
        LocalAddressIpVersion = options.LocalAddressIsIPv6 ? CommandLineOptions.Types.IpVersion.V6 : CommandLineOptions.Types.IpVersion.V4,
        LogLevel = Base.Logging.LogLevels.Name(options.LogLevel),
        ComponentLogLevel = options.ComponentLogLevels,
        LogFormat = options.LogFormat,
        LogFormatEscaped = options.LogFormatEscaped,
        LogPath = options.LogPath,
        ServiceCluster = options.ServiceCluster,
        ServiceNode = options.ServiceNode,
        ServiceZone = options.ServiceZone,
        FileFlushInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(options.FileFlushIntervalMs)),
        DrainTime = new Duration { Seconds = options.DrainTimeSeconds },
        DrainStrategy = options.DrainStrategy == DrainStrategy.Immediate ? CommandLineOptions.Types.DrainStrategy.Immediate : CommandLineOptions.Types.DrainStrategy.Gradual,
        ParentShutdownTime = new Duration { Seconds = options.ParentShutdownTimeSeconds },
        Mode = options.Mode switch
        {
            ServerMode.Serve => CommandLineOptions.Types.Mode.Serve,
            ServerMode.Validate => CommandLineOptions.Types.Mode.Validate,
            _ => CommandLineOptions.Types.Mode.InitOnly,
        },
        DisableHotRestart = options.DisableHotRestart,
        EnableMutexTracing = options.EnableMutexTracing,
        RestartEpoch = options.RestartEpoch,
        CpusetThreads = options.CpusetThreads,
        DisabledExtensions = { options.DisabledExtensions },
        SocketPath = options.SocketPath,
        SocketMode = options.SocketMode,
        StatsTag = { options.StatsTags },
    };
}
