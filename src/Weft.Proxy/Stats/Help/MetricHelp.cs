using System.Collections.Frozen;

namespace Weft.Proxy.Stats.Help;

/// <summary>What metrics are, in a sentence each, for the HELP lines of Prometheus (<c>help.txt</c>, embedded). Immutable; any thread.</summary>
internal static class MetricHelp
{
    private const string Anything = "*_";
    private const string Admin = "listener_admin_";

    private static readonly Lazy<FrozenDictionary<string, string>> s_texts = new(Load);

    /// <summary>All names: without <c>envoy_</c>, or <c>*_</c> and how they end.</summary>
    public static IEnumerable<string> Names => s_texts.Value.Keys;

    /// <summary>Null when nothing is said of it.</summary>
    /// <param name="name">Without <c>envoy_</c>.</param>
    public static string? Find(string name)
    {
        // Its listener has no address in its name, and so no tag.
        if (name.StartsWith(Admin, StringComparison.Ordinal))
            name = string.Concat("listener_", name.AsSpan(Admin.Length));
        var texts = s_texts.Value;
        if (texts.TryGetValue(name, out var text) || texts.TryGetValue(Anything + name, out text))
            return text;
        for (var underscore = name.IndexOf('_', StringComparison.Ordinal); underscore >= 0; underscore = name.IndexOf('_', underscore + 1))
        {
            if (texts.TryGetValue(string.Concat(Anything, name.AsSpan(underscore + 1)), out text))
                return text;
        }

        return null;
    }

    private static FrozenDictionary<string, string> Load()
    {
        const string Resource = "stats/help.txt";
        using var stream = typeof(MetricHelp).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource} is not embedded");
        using var reader = new StreamReader(stream);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#' && line.Split("  ", 2) is [var name, var text])
                texts.Add(name, text);
        }

        return texts.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
