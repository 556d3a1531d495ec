using System.Globalization;
using Weft.Base.Logging;
using Weft.CommandLine;
using Weft.Proxy.Bootstrap;

namespace Weft.Commands;

/// <summary>Turns the parsed command line of <c>weft proxy</c> into <see cref="ServerOptions"/>, with Envoy's checks and texts.</summary>
internal static class ProxyOptionsReader
{
    /// <exception cref="UsageException">A value makes no sense.</exception>
    public static ServerOptions Read(ParsedOptions given)
    {
        var defaults = new ServerOptions();
        if (given.IsGiven("use-dynamic-base-id") && given.Number("restart-epoch") > 0)
            throw new UsageException($"error: cannot use --restart-epoch={given.Number("restart-epoch")} with --use-dynamic-base-id");
        return new ServerOptions
        {
            ConfigPath = given.Text("config-path"),
            ConfigYaml = given.Text("config-yaml"),
            Mode = Mode(given.Text("mode")),
            Concurrency = given.IsGiven("concurrency") ? (int)Math.Clamp(given.Number("concurrency"), 1, 1024) : defaults.Concurrency,
            LogLevel = Level(given.Text("log-level")),
            ComponentLogLevels = ComponentLevels(given),
            LogPath = given.Text("log-path"),
            LogFormat = given.Text("log-format"),
            LogFormatIsGiven = given.IsGiven("log-format"),
            LogFormatEscaped = given.IsGiven("log-format-escaped"),
            ServiceNode = given.Text("service-node"),
            ServiceCluster = given.Text("service-cluster"),
            ServiceZone = given.Text("service-zone"),
            WatchConfig = given.IsGiven("watch-config"),
            XdsCacheDirectory = given.Text("xds-cache"),
            BaseId = given.Number("base-id"),
            UseDynamicBaseId = given.IsGiven("use-dynamic-base-id"),
            BaseIdPath = given.Text("base-id-path"),
            RestartEpoch = given.Number("restart-epoch"),
            DisableHotRestart = given.IsGiven("disable-hot-restart"),
            HotRestart = !given.IsGiven("disable-hot-restart") && (given.IsGiven("base-id") || given.IsGiven("use-dynamic-base-id") || given.IsGiven("restart-epoch")),
            SkipHotRestartOnNoParent = given.IsGiven("skip-hot-restart-on-no-parent"),
            SkipHotRestartParentStats = given.IsGiven("skip-hot-restart-parent-stats"),
            DrainTimeSeconds = given.Number("drain-time-s"),
            DrainTimeIsGiven = given.IsGiven("drain-time-s"),
            DrainStrategy = Strategy(given.Text("drain-strategy")),
            ParentShutdownTimeSeconds = given.Number("parent-shutdown-time-s"),
            FileFlushIntervalMs = given.Number("file-flush-interval-msec"),
            AdminAddressPath = given.Text("admin-address-path"),
            LocalAddressIsIPv6 = IsIPv6(given.Text("local-address-ip-version")),
            AllowUnknownStaticFields = given.IsGiven("allow-unknown-static-fields") || given.IsGiven("allow-unknown-fields"),
            RejectUnknownDynamicFields = given.IsGiven("reject-unknown-dynamic-fields"),
            IgnoreUnknownDynamicFields = given.IsGiven("ignore-unknown-dynamic-fields"),
            SkipDeprecatedLogs = given.IsGiven("skip-deprecated-logs"),
            AllowUnimplemented = given.IsGiven("allow-unimplemented"),
            EnableMutexTracing = given.IsGiven("enable-mutex-tracing"),
            CpusetThreads = given.IsGiven("cpuset-threads"),
            DisabledExtensions = given.Text("disable-extensions").Split(',', StringSplitOptions.RemoveEmptyEntries),
            SocketPath = given.Text("socket-path"),
            SocketMode = SocketMode(given),
            StatsTags = StatsTags(given.All("stats-tag")),
        };
    }

    private static ServerMode Mode(string text) => text switch
    {
        "serve" => ServerMode.Serve,
        "validate" => ServerMode.Validate,
        "init_only" => ServerMode.InitOnly,
        _ => throw new UsageException($"error: unknown mode '{text}'"),
    };

    private static DrainStrategy Strategy(string text) => text switch
    {
        "gradual" => DrainStrategy.Gradual,
        "immediate" => DrainStrategy.Immediate,
        _ => throw new UsageException($"error: unknown drain-strategy '{text}'"),
    };

    private static bool IsIPv6(string text) => text switch
    {
        "v4" => false,
        "v6" => true,
        _ => throw new UsageException($"error: unknown IP address version '{text}'"),
    };

    private static LogLevel Level(string text) =>
        LogLevels.TryParse(text, out var level) ? level : throw new UsageException($"error: invalid log level specified '{text}'");

    private static string ComponentLevels(ParsedOptions given)
    {
        var text = given.Text("component-log-level");
        if (text.Length == 0)
            return text;
        if (given.IsGiven("enable-fine-grain-logging"))
            throw new UsageException("error: --component-log-level will not work with --enable-fine-grain-logging");
        foreach (var pair in text.Split(','))
        {
            var parts = pair.Split(':');
            if (parts.Length != 2)
                throw new UsageException($"error: component log level not correctly specified '{pair}'");
            Level(parts[1]);
            if (LogRegistry.Process.Find(parts[0]) is null)
                throw new UsageException($"error: invalid component specified '{parts[0]}'");
        }
        return text;
    }

    private static uint SocketMode(ParsedOptions given)
    {
        if (given.Text("socket-path").StartsWith('@'))
            return 0;
        var text = given.Text("socket-mode");
        var isOctal = text.Length is > 0 and < 5 && text.All(c => c is >= '0' and <= '7');
        return isOctal ? Convert.ToUInt32(text, 8) : throw new UsageException($"error: invalid socket-mode '{text}'");
    }

    private static IReadOnlyList<string> StatsTags(IReadOnlyList<string> tags)
    {
        foreach (var tag in tags)
        {
            var colon = tag.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                throw new UsageException($"error: misformatted stats-tag '{tag}'");
            var (name, value) = (tag[..colon], tag[(colon + 1)..]);
            if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit))
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"error: misformatted stats-tag '{tag}' contains invalid char in '{name}'"));
            if (value.Contains('.', StringComparison.Ordinal))
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"error: misformatted stats-tag '{tag}' contains invalid char in '{value}'"));
        }
        return tags;
    }
}
