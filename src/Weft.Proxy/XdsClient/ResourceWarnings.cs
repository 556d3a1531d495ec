using Weft.Base.Logging;
using Weft.Config;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.XdsClient;

/// <summary>
/// Logs what is found beside faults in configuration that comes while the proxy runs: unknown fields, deprecated ones, those without effect. Each text
/// once, as thousands of resources may have it, and some come every second. Main thread.
/// </summary>
internal sealed class ResourceWarnings(ServerOptions options)
{
    /// <summary>After so many different texts they are logged anew.</summary>
    private const int MaxTexts = 1000;

    private static readonly Logger Log = Logger.Get("config");

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <param name="resource">Its name; "": the position tells.</param>
    /// <param name="finding">Faults are passed over: who refuses the resource says them.</param>
    public void Tell(string resource, Finding finding)
    {
        if (finding.Severity == Severity.Error || !FindingsReport.IsShown(finding, options))
            return;
        if (_told.Count >= MaxTexts)
            _told.Clear();
        var text = finding.ToString();
        if (_told.Add(text))
            Log.Log(FindingsReport.LevelOf(finding), finding.Position is null && resource.Length > 0 ? $"{resource}: {text}" : text);
    }
}
