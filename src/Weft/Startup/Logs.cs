using Weft.Base.Logging;
using Weft.Proxy.Bootstrap;

namespace Weft.Startup;

/// <summary>Sets the process's log up from the command line.</summary>
internal static class Logs
{
    /// <summary>False when the log file cannot be opened; the reason has been written.</summary>
    public static bool Configure(ServerOptions options, TextWriter error)
    {
        var registry = LogRegistry.Process;
        registry.Pattern = LogPattern.Parse(options.LogFormat);
        registry.EscapeMessages = options.LogFormatEscaped;
        registry.SetLevel(options.LogLevel);
        foreach (var pair in options.ComponentLogLevels.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split(':');
            if (LogLevels.TryParse(parts[1], out var level))
                registry.Get(parts[0]).Level = level;
        }
        if (options.LogPath.Length == 0)
            return true;
        try
        {
            registry.Output = LogOutput.File(options.LogPath);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"Failed to open log-file '{options.LogPath}': {e.Message}");
            return false;
        }
    }
}
