using Weft.Config.Syntax;

namespace Weft.Config.Printing;

/// <summary>Writes YAML in block style, two spaces per level; text is quoted only where it would mean something else.</summary>
internal sealed class YamlWriter(TextWriter writer) : IValueWriter
{
    private readonly Stack<Level> _levels = new();

    // Where the next thing goes: behind "key:", behind "- ", or on a line of its own.
    private Place _place = Place.Start;

    private enum Place
    {
        Start,
        AfterKey,
        AfterDash,
        Line,
    }

    /// <summary>A comment behind the line being written; set it before what ends that line.</summary>
    internal string? TrailingComment { get; set; }

    /// <summary>A comment (with its #) on a line of its own, or an empty line. Before a key or an element, not behind a key.</summary>
    internal void CommentLine(string comment)
    {
        if (_place == Place.AfterKey) EndLine();
        if (comment.Length > 0)
        {
            Indent();
            writer.Write(comment);
        }

        EndLine();
        _place = Place.Line;
    }

    public void BeginMapping() => Begin(isList: false);

    public void EndMapping() => End("{}");

    public void BeginList() => Begin(isList: true);

    public void EndList() => End("[]");

    public void Key(string key)
    {
        Open();
        if (_place is Place.AfterKey) EndLine();
        if (_place is Place.AfterKey or Place.Line) Indent();
        WriteText(key);
        writer.Write(':');
        _place = Place.AfterKey;
    }

    public void Text(string value)
    {
        BeforeScalar();
        WriteText(value);
        EndLine();
        _place = Place.Line;
    }

    public void Bare(string value)
    {
        BeforeScalar();
        writer.Write(value);
        EndLine();
        _place = Place.Line;
    }

    private void Begin(bool isList)
    {
        Dash();
        _levels.Push(new Level(isList));
    }

    private void End(string empty)
    {
        var level = _levels.Pop();
        if (!level.IsEmpty) return;
        if (_place == Place.AfterKey) writer.Write(' ');
        writer.Write(empty);
        EndLine();
        _place = Place.Line;
    }

    private void BeforeScalar()
    {
        Dash();
        if (_place == Place.AfterKey) writer.Write(' ');
    }

    // An element of a list begins with a dash on a line of its own.
    private void Dash()
    {
        if (_levels.Count == 0 || !_levels.Peek().IsList) return;
        var first = _levels.Peek().IsEmpty;
        Open();
        if (_place == Place.AfterKey) EndLine();
        if (_place is not (Place.Start or Place.AfterDash) || !first) Indent();
        writer.Write("- ");
        _place = Place.AfterDash;
    }

    private void EndLine()
    {
        if (TrailingComment is not null) writer.Write($" {TrailingComment}");
        TrailingComment = null;
        writer.Write('\n');
    }

    /// <summary>Text of several lines, as it stands.</summary>
    internal void Block(string value)
    {
        BeforeScalar();
        writer.Write(value.EndsWith('\n') ? "|" : "|-");
        EndLine();
        foreach (var line in value.TrimEnd('\n').Split('\n'))
        {
            if (line.Length > 0) Indent();
            writer.Write(line.Length > 0 ? $"  {line}\n" : "\n");
        }

        _place = Place.Line;
    }

    private void Open() => _levels.Peek().IsEmpty = false;

    private void Indent()
    {
        for (var i = 1; i < _levels.Count; i++) writer.Write("  ");
    }

    private void WriteText(string text)
    {
        if (IsPlain(text)) writer.Write(text);
        else JsonWriter.WriteQuoted(writer, text);
    }

    private static bool IsPlain(string text)
        => text.Length > 0 && (char.IsAsciiLetterOrDigit(text[0]) || text[0] is '/' or '_' or '.')
            && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '.' or '-' or '+' or '(' or ')' or '$' or '=')
            && YamlScalar.Plain(default, text).Kind == ScalarKind.String && !double.TryParse(text, out _);

    private sealed class Level(bool isList)
    {
        internal bool IsList { get; } = isList;
        internal bool IsEmpty { get; set; } = true;
    }
}
