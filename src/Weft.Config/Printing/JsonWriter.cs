using System.Globalization;

namespace Weft.Config.Printing;

/// <summary>Writes JSON; indented by one space per level, or on one line.</summary>
internal sealed class JsonWriter(TextWriter writer, bool indented) : IValueWriter
{
    private int _level;
    private bool _isFirst = true;
    private bool _afterKey;

    public void BeginMapping() => Begin('{');

    public void EndMapping() => End('}');

    public void BeginList() => Begin('[');

    public void EndList() => End(']');

    public void Key(string key)
    {
        Separate();
        WriteQuoted(writer, key);
        writer.Write(indented ? ": " : ":");
        _afterKey = true;
    }

    public void Text(string value)
    {
        Separate();
        WriteQuoted(writer, value);
    }

    public void Bare(string value)
    {
        Separate();
        writer.Write(value);
    }

    /// <summary>Writes a JSON string. Angle brackets are escaped, so that the text can stand in a web page.</summary>
    internal static void WriteQuoted(TextWriter writer, string text)
    {
        writer.Write('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"': writer.Write("\\\""); break;
                case '\\': writer.Write("\\\\"); break;
                case '\n': writer.Write("\\n"); break;
                case '\r': writer.Write("\\r"); break;
                case '\t': writer.Write("\\t"); break;
                case '\b': writer.Write("\\b"); break;
                case '\f': writer.Write("\\f"); break;
                case < ' ' or '<' or '>' or '\x7f': writer.Write(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")); break;
                default: writer.Write(c); break;
            }
        }

        writer.Write('"');
    }

    private void Begin(char bracket)
    {
        Separate();
        writer.Write(bracket);
        _level++;
        _isFirst = true;
    }

    private void End(char bracket)
    {
        _level--;
        if (!_isFirst) NewLine();
        writer.Write(bracket);
        _isFirst = false;
    }

    // What stands before a key or an element: a comma unless it is the first, and a new line.
    private void Separate()
    {
        if (_afterKey)
        {
            _afterKey = false;
            return;
        }

        if (!_isFirst) writer.Write(',');
        if (_level > 0) NewLine();
        _isFirst = false;
    }

    private void NewLine()
    {
        if (!indented) return;
        writer.Write('\n');
        for (var i = 0; i < _level; i++) writer.Write(' ');
    }
}
