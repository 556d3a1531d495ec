using Weft.Base.Logging;
using Weft.Config;

namespace Weft.Proxy.Bootstrap;

/// <summary>Writes what was found in the configuration into the log, once, at the start.</summary>
public static class FindingsReport
{
    public static void Log(Findings findings, ServerOptions options)
    {
        var log = Logger.Get("config");
        foreach (var finding in findings.All)
        {
            if (finding.Severity != Severity.Error && IsShown(finding, options))
                log.Log(LevelOf(finding), finding.ToString());
        }
        var errors = findings.Errors.ToList();
        if (errors.Count == 0)
            return;
        var count = errors.Count == 1 ? "" : $"{errors.Count} errors";
        var separator = errors.Count == 1 ? "" : "\n  ";
        Logger.Get("main").Critical($"error initializing configuration '{options.ConfigPath}': {count}{separator}{string.Join("\n  ", errors)}");
    }

    /// <summary>The findings as lines of text, for validation.</summary>
    public static IEnumerable<string> Lines(Findings findings, ServerOptions options) =>
        findings.All.Where(finding => IsShown(finding, options)).Select(finding => $"{Word(finding.Severity)}: {finding}");

    /// <summary>Of what is no error.</summary>
    internal static LogLevel LevelOf(Finding finding) => finding.Severity == Severity.Warning ? LogLevel.Warning : LogLevel.Info;

    internal static bool IsShown(Finding finding, ServerOptions options) =>
        !(options.SkipDeprecatedLogs && finding.Severity != Severity.Error && finding.Text.Contains("deprecated", StringComparison.Ordinal));

    private static string Word(Severity severity) => severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "note" };
}
