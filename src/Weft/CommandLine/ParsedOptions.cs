using System.Globalization;

namespace Weft.CommandLine;

/// <summary>What was given on a command line, over the defaults of its table.</summary>
internal sealed class ParsedOptions(CommandOption[] table)
{
    private readonly Dictionary<string, List<string>> _given = [];

    /// <summary>Arguments that are no options.</summary>
    public List<string> Arguments { get; } = [];

    public bool IsGiven(string name) => _given.ContainsKey(name);

    /// <summary>The value, else the default.</summary>
    public string Text(string name) => _given.TryGetValue(name, out var values) ? values[^1] : Option(name).Default;

    /// <summary>The value of a number option.</summary>
    public uint Number(string name) => uint.Parse(Text(name), CultureInfo.InvariantCulture);

    /// <summary>Every value of a repeatable option, in order.</summary>
    public IReadOnlyList<string> All(string name) => _given.TryGetValue(name, out var values) ? values : [];

    /// <summary>The options that were given, in the order of the table.</summary>
    public IEnumerable<CommandOption> Given => table.Where(option => IsGiven(option.Name));

    internal void Add(CommandOption option, string value)
    {
        if (!_given.TryGetValue(option.Name, out var values))
            _given.Add(option.Name, values = []);
        values.Add(value);
    }

    private CommandOption Option(string name) => Array.Find(table, option => option.Name == name)
        ?? throw new ArgumentException($"no option named {name}", nameof(name));
}
