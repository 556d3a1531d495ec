using System.Text;

namespace Weft.Config;

/// <summary>The way from the root to a message: a chain of steps, turned into text only when something is reported. Immutable.</summary>
internal sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string _field;
    private readonly int _index;
    private readonly string? _key;

    private FieldPath(FieldPath? parent, string field, int index, string? key)
        => (_parent, _field, _index, _key) = (parent, field, index, key);

    /// <summary>The path of the root message: empty.</summary>
    internal static readonly FieldPath Root = new(null, "", -1, null);

    /// <summary>A root with a name of its own, such as <c>resources[0]</c>; empty for none.</summary>
    internal static FieldPath Named(string name) => name.Length == 0 ? Root : new(null, name, -1, null);

    /// <summary>The path of a singular field.</summary>
    internal FieldPath Field(string field) => new(this, field, -1, null);

    /// <summary>The path of an element of a repeated field.</summary>
    internal FieldPath Element(string field, int index) => new(this, field, index, null);

    /// <summary>The path of the value that stands under a key of a map field.</summary>
    internal FieldPath Entry(string field, string key) => new(this, field, -1, key);

    /// <summary><c>a.b[0].c["key"]</c></summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    private void Write(StringBuilder text)
    {
        _parent?.Write(text);
        if (text.Length > 0 && _field.Length > 0) text.Append('.');
        text.Append(_field);
        if (_index >= 0) text.Append('[').Append(_index).Append(']');
        else if (_key is not null) text.Append("[\"").Append(_key).Append("\"]");
    }
}
