using Google.Protobuf;
using Weft.Config.Binding;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>Names each deprecated field and enum value once, where it is first used, with what replaces it.</summary>
internal sealed class DeprecationCheck(ConfigContext context) : MessageCheck(context)
{
    private readonly Dictionary<string, Use> _uses = [];

    internal override void End()
    {
        foreach (var use in _uses.Values)
        {
            var more = use.Count > 1 ? $" (and {use.Count - 1} more)" : "";
            Context.Findings.Add(new Finding(Severity.Warning, use.Position, use.Path, $"{use.What} is deprecated{Advice(use.Replacement)}{more}"));
        }
    }

    private static string Advice(string? replacement)
    {
        if (replacement is null) return "";
        return replacement.StartsWith("nothing: ", StringComparison.Ordinal) ? $"; leave it out: {replacement["nothing: ".Length..]}" : $"; use {replacement}";
    }

    internal override bool EnterField(IMessage message, FieldSchema field)
    {
        if (field.IsDeprecated) Count(field.Descriptor.FullName, field.Name, message, field);
        if (field.FindDeprecatedValue(message) is { } value) Count(value.FullName, $"the value {value.Name}", message, field);
        return true;
    }

    private void Count(string fullName, string what, IMessage message, FieldSchema field)
    {
        var position = Context.Origins.PositionOf(message, field.Name);
        if (!_uses.TryGetValue(fullName, out var use)) _uses[fullName] = use = new Use(what, Replacements.Default.ForDeprecated(fullName));
        use.Add(position, Context.Origins.PathOf(message, field.Name));
    }

    // The first use by line; messages are walked in the order of the API, not of the file.
    private sealed class Use(string what, string? replacement)
    {
        internal string What { get; } = what;
        internal string? Replacement { get; } = replacement;
        internal SourcePosition? Position { get; private set; }
        internal string Path { get; private set; } = "";
        internal int Count { get; private set; }

        internal void Add(SourcePosition? position, string path)
        {
            if (Count++ > 0 && !IsBefore(position, Position)) return;
            (Position, Path) = (position, path);
        }

        private static bool IsBefore(SourcePosition? a, SourcePosition? b)
            => a is { } first && b is { } second && first.File == second.File && (first.Line, first.Column).CompareTo((second.Line, second.Column)) < 0;
    }
}
