namespace Weft.Config.Support;

/// <summary>The extensions of Envoy, from <c>Support/extensions.txt</c>. Immutable; safe for use from several threads.</summary>
internal sealed class ExtensionTable
{
    private static readonly Lazy<ExtensionTable> Loaded = new(() => new ExtensionTable(Resources.Lines("Support/extensions.txt")));

    private readonly Dictionary<string, Extension> _byType = [];
    private readonly ILookup<string, Extension> _byName;

    internal ExtensionTable(IEnumerable<string> lines)
    {
        All = [.. Parse(lines)];
        foreach (var extension in All)
            foreach (var type in extension.Types) _byType.TryAdd(type, extension);
        _byName = All.SelectMany(static e => e.OldNames.Prepend(e.Name).Select(n => (Name: n, Extension: e)))
            .ToLookup(static p => p.Name, static p => p.Extension);
    }

    internal static ExtensionTable Default => Loaded.Value;

    internal IReadOnlyList<Extension> All { get; }

    /// <summary>The names of a category, the old ones too.</summary>
    internal IEnumerable<string> AllNames(string category)
        => All.Where(e => IsIn(e, category)).SelectMany(static e => e.OldNames.Prepend(e.Name));

    /// <summary>All configuration types.</summary>
    internal IEnumerable<string> Types => _byType.Keys;

    internal Extension? ByType(string fullName) => _byType.GetValueOrDefault(fullName);

    /// <summary>The extension of a name, old or new; the category decides when several share it.</summary>
    internal Extension? ByName(string name, string? category) => _byName[name].FirstOrDefault(e => IsIn(e, category));

    /// <summary>The category of the extensions a message can hold, with those below it; null when it is not bound to one.</summary>
    internal static string? CategoryOf(string holder) => holder switch
    {
        "envoy.config.listener.v3.Filter" => "envoy.filters.network",
        "envoy.config.listener.v3.ListenerFilter" => "envoy.filters.listener",
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter" => "envoy.filters.http",
        "envoy.config.accesslog.v3.AccessLog" => "envoy.access_loggers",
        "envoy.config.metrics.v3.StatsSink" => "envoy.stats_sinks",
        "envoy.config.trace.v3.Tracing.Http" => "envoy.tracers",
        "envoy.config.core.v3.TransportSocket" => "envoy.transport_sockets",
        _ => null,
    };

    private static bool IsIn(Extension extension, string? category)
        => category is null || extension.Category == category || extension.Category.StartsWith(category + ".", StringComparison.Ordinal);

    private static IEnumerable<Extension> Parse(IEnumerable<string> lines)
    {
        var category = "";
        foreach (var line in lines)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            if (line[0] != ' ') category = line.Trim();
            else yield return ParseExtension(category, line);
        }
    }

    private static Extension ParseExtension(string category, string line)
    {
        string[] oldNames = [];
        string? replacement = null;
        if (line.Split("=>", 2) is [var extension, var instead])
            (line, replacement) = (extension, instead.Trim());
        var bracket = line.IndexOf('(');
        if (bracket > 0)
        {
            oldNames = Words(line[(bracket + 1)..].TrimEnd(' ', ')'));
            line = line[..bracket];
        }

        var words = Words(line);
        return new Extension(category, words[1], words[2..], oldNames, SupportSign.Parse(words[0]), replacement);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
