namespace Weft.Config.Support;

/// <summary>What the tables say of a field. <paramref name="Values"/>: only these values of it, when it is not empty.</summary>
internal sealed record FieldSupport(string Name, SupportStatus Status, string[] Values, string Remark);

/// <summary>What the tables say of a message; fields that are not named are refused.</summary>
internal sealed class MessageSupport(string fullName, string file)
{
    private readonly Dictionary<string, FieldSupport> _fields = [];

    internal string FullName { get; } = fullName;

    /// <summary>The table it stands in, such as <c>listeners</c>: the chapter of the reference.</summary>
    internal string File { get; } = file;

    internal IEnumerable<FieldSupport> Fields => _fields.Values;

    internal FieldSupport? Find(string field) => _fields.GetValueOrDefault(field);

    internal void Add(FieldSupport field)
    {
        if (!_fields.TryAdd(field.Name, field)) throw new FormatException($"{FullName}.{field.Name} stands twice in the support tables");
    }
}
