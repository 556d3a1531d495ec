namespace Weft.Config.Binding;

/// <summary>What to use in place of deprecated and removed fields, from <c>Support/replacements.txt</c>. Immutable.</summary>
internal sealed class Replacements
{
    private static readonly Lazy<Replacements> Loaded = new(() => new Replacements(Resources.Lines("Support/replacements.txt")));

    private readonly Dictionary<string, string> _byField = [];

    internal Replacements(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var space = line.IndexOf(' ');
            _byField[line[..space]] = line[space..].Trim();
        }
    }

    internal static Replacements Default => Loaded.Value;

    /// <summary>What replaces a deprecated field (its full name); null when unknown.</summary>
    internal string? ForDeprecated(string fullName) => _byField.GetValueOrDefault(fullName);

    /// <summary>What replaced a field the message had in an older version of the API; null when unknown.</summary>
    internal string? ForRemoved(string message, string field) => _byField.GetValueOrDefault($"{message}.{field}");
}
