using System.Globalization;
using System.Text;

namespace Weft.Config.Syntax;

/// <summary>Reads a JSON text (RFC 8259) into nodes, with positions. Recursive descent over the characters.</summary>
internal sealed class JsonReader
{
    private const int MaxDepth = 200;

    private readonly string _text;
    private readonly string _file;
    private int _at;
    private int _line = 1;
    private int _lineStart;
    private int _depth;

    private JsonReader(string text, string file) => (_text, _file) = (text, file);

    /// <summary>The root value; null for an empty text. Throws <see cref="SyntaxFault"/>.</summary>
    internal static Node? Read(string text, string file)
    {
        var reader = new JsonReader(text, file);
        reader.SkipSpace();
        if (reader._at == text.Length) return null;
        var root = reader.ReadValue();
        reader.SkipSpace();
        if (reader._at < text.Length) throw reader.Fault("there is more text behind the end of the value");
        return root;
    }

    private Node ReadValue()
    {
        SkipSpace();
        var position = Here();
        switch (Peek())
        {
            case '{': return Nested(() => ReadObject(position));
            case '[': return Nested(() => ReadArray(position));
            case '"': return new ScalarNode(position, ScalarKind.String, ReadString());
            case '-' or (>= '0' and <= '9'): return new ScalarNode(position, ScalarKind.Number, ReadNumber());
            default: return ReadWord(position);
        }
    }

    private Node Nested(Func<Node> read)
    {
        if (++_depth > MaxDepth) throw Fault($"nested deeper than {MaxDepth} levels");
        var node = read();
        _depth--;
        return node;
    }

    private MappingNode ReadObject(SourcePosition position)
    {
        var node = new MappingNode(position);
        Expect('{');
        if (TryTake('}')) return node;
        do
        {
            SkipSpace();
            var at = Here();
            if (Peek() != '"') throw Fault("expected a key in double quotes");
            var key = ReadString();
            Expect(':');
            node.Entries.Add(new MappingEntry(key, at, ReadValue()));
        }
        while (TryTake(','));
        Expect('}');
        return node;
    }

    private SequenceNode ReadArray(SourcePosition position)
    {
        var node = new SequenceNode(position);
        Expect('[');
        if (TryTake(']')) return node;
        do node.Items.Add(ReadValue());
        while (TryTake(','));
        Expect(']');
        return node;
    }

    private ScalarNode ReadWord(SourcePosition position)
    {
        var rest = _text.AsSpan(_at);
        foreach (var (word, kind) in Words)
        {
            if (!rest.StartsWith(word, StringComparison.Ordinal)) continue;
            _at += word.Length;
            return new ScalarNode(position, kind, kind == ScalarKind.Null ? "" : word);
        }

        throw Fault(_at == _text.Length ? "the text ends where a value is expected" : $"unexpected character '{_text[_at]}'");
    }

    private static readonly (string Word, ScalarKind Kind)[] Words =
        [("true", ScalarKind.Bool), ("false", ScalarKind.Bool), ("null", ScalarKind.Null)];

    private string ReadNumber()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] is '-' or '+' or '.' or 'e' or 'E')) _at++;
        var number = _text[start.._at];
        if (double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) return number;
        _at = start;
        throw Fault($"{number} is no number");
    }

    private string ReadString()
    {
        var result = new StringBuilder();
        _at++;
        while (true)
        {
            var c = Peek();
            if (c == '\0' && _at >= _text.Length) throw Fault("the text ends inside a string");
            if (c < ' ') throw Fault("a control character must be escaped in a string");
            _at++;
            if (c == '"') return result.ToString();
            result.Append(c == '\\' ? ReadEscape() : c);
        }
    }

    private char ReadEscape()
    {
        var c = Peek();
        _at++;
        switch (c)
        {
            case '"' or '\\' or '/': return c;
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u' when _at + 4 <= _text.Length && ushort.TryParse(_text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                _at += 4;
                return (char)code;
            default:
                _at--;
                throw Fault("unknown escape in a string");
        }
    }

    private void Expect(char wanted)
    {
        if (!TryTake(wanted)) throw Fault(_at == _text.Length ? $"the text ends where '{wanted}' is expected" : $"expected '{wanted}', found '{_text[_at]}'");
    }

    private bool TryTake(char wanted)
    {
        SkipSpace();
        if (Peek() != wanted) return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        for (; _at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n'; _at++)
        {
            if (_text[_at] != '\n') continue;
            _line++;
            _lineStart = _at + 1;
        }
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private SourcePosition Here() => new(_file, _line, _at - _lineStart + 1);

    private SyntaxFault Fault(string message) => new(Here(), message);
}
