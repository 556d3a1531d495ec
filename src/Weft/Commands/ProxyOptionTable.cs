using Weft.Base.Logging;
using Weft.CommandLine;

namespace Weft.Commands;

/// <summary>Every flag of <c>weft proxy</c>: Envoy's, with its defaults, and ours.</summary>
internal static class ProxyOptionTable
{
    private const string Configuration = "Configuration";
    private const string Running = "Running";
    private const string Logging = "Logging";
    private const string Identity = "Who this proxy is";
    private const string Draining = "Draining and restarting";
    private const string Others = "Others";

    public static readonly CommandOption[] Options =
    [
        new(Configuration, "config-path", "path", "The bootstrap file: YAML (.yaml, .yml) or JSON (.json).") { Short = 'c' },
        new(Configuration, "config-yaml", "yaml", "Bootstrap as YAML or JSON text, merged over the file."),
        new(Configuration, "watch-config", null, "Take over changes of the bootstrap file while running, as on SIGHUP."),
        new(Configuration, "xds-cache", "folder", "Keep what management servers gave last, and start with it while they do not answer."),
        new(Configuration, "mode", "mode", "serve: check the configuration, then serve. validate: check it, print every finding and exit with 0 or 1; nothing is bound. init_only: initialise as for serving, then exit.") { Default = "serve", Choices = ["serve", "validate", "init_only"] },
        new(Configuration, "allow-unimplemented", null, "What Weft does not implement is a warning and has no effect, instead of an error."),
        new(Configuration, "allow-unknown-static-fields", null, "Fields that do not exist are warnings instead of errors."),
        new(Configuration, "allow-unknown-fields", null, "Old name of --allow-unknown-static-fields."),
        new(Configuration, "reject-unknown-dynamic-fields", null, "Fields that do not exist are errors in configuration from xDS."),
        new(Configuration, "ignore-unknown-dynamic-fields", null, "Fields that do not exist are ignored in configuration from xDS."),
        new(Configuration, "skip-deprecated-logs", null, "Do not warn about deprecated fields."),
        new(Configuration, "disable-extensions", "list", "Extensions that configuration may not use, separated by commas.") { NoEffect = "every extension can be used" },

        new(Running, "concurrency", "number", "Worker threads. Default: the processors that this process may use; 0 means 1.") { IsNumber = true },
        new(Running, "cpuset-threads", null, "Count only the processors of the process's cpuset. Always so."),
        new(Running, "admin-address-path", "path", "File into which the bound address of the admin interface is written."),
        new(Running, "local-address-ip-version", "version", "Kind of the proxy's own address, which x-forwarded-for and trace spans carry: the first that is not loopback.") { Default = "v4", Choices = ["v4", "v6"] },
        new(Running, "file-flush-interval-msec", "milliseconds", "How long lines of access logs may wait before they are written.") { Default = "100", IsNumber = true },
        new(Running, "stats-tag", "tag:value", "A tag that every statistic carries. May be given several times.") { IsRepeatable = true },

        new(Logging, "log-level", "level", $"Lowest level that is logged: {Levels()}.") { Short = 'l', Default = "info" },
        new(Logging, "component-log-level", "list", "Levels of single components, separated by commas: upstream:debug,config:trace."),
        new(Logging, "log-path", "path", "Log file, reopened on SIGUSR1. Default: standard error."),
        new(Logging, "log-format", "pattern", "Layout of log lines in spdlog's pattern language.") { Default = LogPattern.Default },
        new(Logging, "log-format-escaped", null, "Write control characters of messages as escapes."),
        new(Logging, "enable-fine-grain-logging", null, "Levels per source file.") { NoEffect = "levels are set per component" },

        new(Identity, "service-node", "name", "Node id; overrides node.id of the bootstrap."),
        new(Identity, "service-cluster", "name", "Node cluster; overrides node.cluster of the bootstrap."),
        new(Identity, "service-zone", "name", "Zone; overrides node.locality.zone of the bootstrap."),

        new(Draining, "drain-time-s", "seconds", "How long connections may drain; a stop (SIGTERM) waits at most 15 s unless this is given.") { Default = "600", IsNumber = true },
        new(Draining, "drain-strategy", "strategy", "How responses begin to ask for closing during a drain: for a share that grows over the drain time (gradual), or all at once (immediate).") { Default = "gradual", Choices = ["gradual", "immediate"] },
        new(Draining, "parent-shutdown-time-s", "seconds", "When a restarted proxy ends its parent.") { Default = "900", IsNumber = true },
        new(Draining, "base-id", "number", "Hot restart: the proxy that runs with the same base id hands its listening sockets over and drains.") { Default = "0", IsNumber = true },
        new(Draining, "use-dynamic-base-id", null, "Choose a base id that nobody has; see --base-id-path."),
        new(Draining, "base-id-path", "path", "File into which the base id is written."),
        new(Draining, "restart-epoch", "number", "How often the proxy has been restarted hot; above 0 there must be a proxy to take over from. Worked out with --base-id alone.") { Default = "0", IsNumber = true },
        new(Draining, "disable-hot-restart", null, "No hot restart, even with --base-id."),
        new(Draining, "hot-restart-version", null, "Print the version of hot restart and exit."),
        new(Draining, "skip-hot-restart-on-no-parent", null, "Start even if there is no proxy to take over from."),
        new(Draining, "skip-hot-restart-parent-stats", null, "Do not add what the parent still counts to the statistics."),
        new(Draining, "socket-path", "path", "Socket of hot restart; _ and the base id are appended, and a leading @ means a name in the kernel instead of a file.") { Default = "@envoy_domain_socket" },
        new(Draining, "socket-mode", "octal", "Permissions of that socket, if it is a file.") { Default = "600" },

        new(Others, "enable-mutex-tracing", null, "Count contended locks for /contention."),
        new(Others, "enable-core-dump", null, "Let the kernel write core dumps.") { NoEffect = "set DOTNET_DbgEnableMiniDump=1 for a dump of the runtime" },
        new(Others, "version", null, "Print the version and exit."),
        new(Others, "help", null, "Print this and exit.") { Short = 'h' },
    ];

    private static string Levels() => string.Join(", ", LogLevels.All.Select(level => level == "warning" ? "warning (or warn)" : level));
}
