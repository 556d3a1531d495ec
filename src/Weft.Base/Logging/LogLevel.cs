using System.Diagnostics.CodeAnalysis;

namespace Weft.Base.Logging;

/// <summary>Envoy's log levels, least important first.</summary>
public enum LogLevel : byte { Trace, Debug, Info, Warning, Error, Critical, Off }

/// <summary>The spelling of levels on the command line, in log lines and in <c>/logging</c>.</summary>
public static class LogLevels
{
    private static readonly string[] Names = ["trace", "debug", "info", "warning", "error", "critical", "off"];

    /// <summary>All names, in the order of the levels.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>The full name, for example <c>warning</c>.</summary>
    public static string Name(LogLevel level) => Names[(int)level];

    /// <summary>The one-letter name (<c>%L</c>).</summary>
    public static char Letter(LogLevel level) => "TDIWECO"[(int)level];

    /// <summary>Reads a full name, or <c>warn</c>; letter case matters, as in Envoy.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out LogLevel level)
    {
        var index = text == "warn" ? (int)LogLevel.Warning : Array.IndexOf(Names, text);
        level = index < 0 ? LogLevel.Info : (LogLevel)index;
        return index >= 0;
    }
}
