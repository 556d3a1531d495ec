using Weft.Base.Logging;
using Weft.Config;
using LogFormat = Envoy.Config.Bootstrap.V3.Bootstrap.Types.ApplicationLogConfig.Types.LogFormat;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap;

/// <summary>Bootstrap.application_log_config: the layout of the process's own log.</summary>
internal static class ApplicationLog
{
    /// <summary>Takes the configured layout into use; faults are reported in the context.</summary>
    public static void Apply(BootstrapMessage bootstrap, ServerOptions options, LogRegistry logs, ConfigContext context)
    {
        if (bootstrap.ApplicationLogConfig?.LogFormat is not { } format)
            return;
        if (options.LogFormatIsGiven)
            context.Error(format, null, "Only one of ApplicationLogConfig.log_format or CLI option --log-format can be specified.");
        else if (PatternOf(format, context) is { } pattern)
            logs.Pattern = LogPattern.Parse(pattern);
    }

    private static string? PatternOf(LogFormat format, ConfigContext context)
    {
        if (format.LogFormatCase == LogFormat.LogFormatOneofCase.TextFormat)
            return format.TextFormat;
        if (format.LogFormatCase != LogFormat.LogFormatOneofCase.JsonFormat)
            return null;
        var pattern = MessagePrinter.ToJson(format.JsonFormat, new PrintOptions { Indented = false });
        // The message would not be escaped for JSON.
        if (pattern.Contains("%v", StringComparison.Ordinal) || pattern.Contains("%_", StringComparison.Ordinal))
        {
            var flag = pattern.Contains("%v", StringComparison.Ordinal) ? "%v" : "%_";
            context.Error(format, "json_format", $"Usage of {flag} is unavailable for JSON log formats", "%j");
            return null;
        }
        return pattern;
    }
}
