using System.Globalization;

namespace Weft.Observe.Configs;

/// <summary>A line of a resource that was looked for.</summary>
/// <param name="Number">Of the line, from 1.</param>
/// <param name="Path">The fields around it, outermost first.</param>
internal readonly record struct ConfigLine(int Number, string Text, string Path);

/// <summary>
/// What is looked for in configurations: words that must all be in a resource, in its name, its kind, an address of it, or its text. <c>field=value</c> is a
/// field with a value that begins like that; quotes hold words together. Case does not matter. Immutable.
/// </summary>
internal sealed class ConfigQuery
{
    private const int MaxTerms = 10;

    private readonly IReadOnlyList<string> _terms;

    /// <summary>What lines are told for: of an address, which YAML writes in two lines, that with the port.</summary>
    private readonly IReadOnlyList<string> _lineTerms;

    private ConfigQuery(IReadOnlyList<string> terms) => (_terms, _lineTerms) = (terms, [.. terms, .. terms.Select(PortOf).OfType<string>()]);

    public bool IsEmpty => _terms.Count == 0;

    public static ConfigQuery Parse(string text)
    {
        var terms = new List<string>();
        for (var at = 0; at < text.Length && terms.Count < MaxTerms;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var end = EndOfTerm(text, at);
            var term = text[at..end].Replace("\"", "", StringComparison.Ordinal);
            if (term.Length > 0)
                terms.Add(AsWritten(term));
            at = end;
        }

        return new ConfigQuery(terms);
    }

    public bool Matches(ConfigResource resource)
    {
        foreach (var term in _terms)
        {
            if (!IsIn(resource.Name, term) && !IsIn(resource.Kind, term) && !IsIn(resource.Yaml, term) && !resource.Addresses.Any(address => IsIn(address, term)))
                return false;
        }

        return true;
    }

    /// <summary>Lines that hold one of the words, the first of them.</summary>
    public IReadOnlyList<ConfigLine> Lines(ConfigResource resource, int limit)
    {
        var found = new List<ConfigLine>();
        var number = 0;
        foreach (var range in resource.Yaml.AsSpan().Split('\n'))
        {
            number++;
            if (_lineTerms.Any(term => resource.Yaml.AsSpan(range).Contains(term, StringComparison.OrdinalIgnoreCase)))
                found.Add(new ConfigLine(number, resource.Yaml[range].Trim(), YamlPath.Of(resource.Yaml, range.Start.Value)));
            if (found.Count >= limit)
                break;
        }

        return found;
    }

    /// <summary>Behind a word, or behind a part of it that stands in quotes.</summary>
    private static int EndOfTerm(string text, int at)
    {
        var isQuoted = false;
        for (; at < text.Length && (isQuoted || !char.IsWhiteSpace(text[at])); at++)
            isQuoted ^= text[at] == '"';
        return at;
    }

    /// <summary><c>field=value</c> as YAML has it; an equals sign that has no field before it is itself.</summary>
    private static string AsWritten(string term)
    {
        var equals = term.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || !term.AsSpan(0, equals).ContainsOnlyFieldLetters())
            return term;
        return $"{term[..equals]}: {term[(equals + 1)..]}";
    }

    /// <summary>Null when it is no address.</summary>
    private static string? PortOf(string term)
    {
        var colon = term.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(term.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? string.Create(CultureInfo.InvariantCulture, $"port_value: {port}") : null;
    }

    private static bool IsIn(string text, string term) => text.Contains(term, StringComparison.OrdinalIgnoreCase);
}
