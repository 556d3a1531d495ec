using Google.Protobuf;
using Google.Protobuf.Reflection;
using Weft.Config.Binding;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>Names each deprecated field and enum value once, where it is first used, with what replaces it.</summary>
internal sealed class DeprecationCheck(ConfigContext context) : MessageWalk(context)
{
    private readonly Dictionary<string, Use> _uses = [];

    /// <summary>Reports what the walk has found.</summary>
    internal void Report()
    {
        foreach (var use in _uses.Values)
        {
            var more = use.Count > 1 ? $" (and {use.Count - 1} more)" : "";
            var replaced = use.Replacement is null ? "" : $"; use {use.Replacement}";
            Context.Findings.Add(new Finding(Severity.Warning, use.Position, use.Path, $"{use.What} is deprecated{replaced}{more}"));
        }
    }

    protected override bool EnterMessage(IMessage message, MessageSchema schema, FieldPath path) => true;

    protected override bool EnterField(IMessage message, FieldSchema field, FieldPath path)
    {
        if (field.IsDeprecated) Count(field.Descriptor.FullName, field.Name, message, field, path);
        if (field.Descriptor.FieldType == FieldType.Enum && !field.IsRepeated) CheckValue(message, field, path);
        return true;
    }

    private void CheckValue(IMessage message, FieldSchema field, FieldPath path)
    {
        var number = Convert.ToInt32(field.Get(message), System.Globalization.CultureInfo.InvariantCulture);
        if (field.Descriptor.EnumType.FindValueByNumber(number) is not { } value || value.GetOptions()?.Deprecated != true) return;
        Count(value.FullName, $"the value {value.Name}", message, field, path);
    }

    private void Count(string fullName, string what, IMessage message, FieldSchema field, FieldPath path)
    {
        if (_uses.TryGetValue(fullName, out var use)) use.Count++;
        else _uses[fullName] = new Use(what, Context.Origins.PositionOf(message, field.Name), path.Field(field.Name).ToString(), Replacements.Default.ForDeprecated(fullName));
    }

    private sealed class Use(string what, SourcePosition? position, string path, string? replacement)
    {
        internal string What { get; } = what;
        internal SourcePosition? Position { get; } = position;
        internal string Path { get; } = path;
        internal string? Replacement { get; } = replacement;
        internal int Count { get; set; } = 1;
    }
}
