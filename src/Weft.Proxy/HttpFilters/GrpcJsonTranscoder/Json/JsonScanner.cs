using System.Buffers;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Json;

/// <summary>
/// Reads JSON (RFC 8259) from front to back without building anything and without exceptions: what it cannot read is a fault, behind which nothing
/// more is read.
/// </summary>
internal ref struct JsonScanner(ReadOnlySpan<byte> text)
{
    private static readonly SearchValues<byte> s_stringEnds = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(static c => (byte)c)]);

    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    /// <summary>The text is no JSON.</summary>
    public bool IsFault { get; private set; }

    /// <summary>Only white space is left.</summary>
    public bool IsAtEnd
    {
        get
        {
            SkipSpace();
            return _at == _text.Length;
        }
    }

    /// <summary>What the next value is; it is not read yet.</summary>
    public JsonKind Peek()
    {
        SkipSpace();
        if (IsFault || _at == _text.Length) return JsonKind.Fault;
        return _text[_at] switch
        {
            (byte)'{' => JsonKind.Object,
            (byte)'[' => JsonKind.Array,
            (byte)'"' => JsonKind.String,
            (byte)'t' => JsonKind.True,
            (byte)'f' => JsonKind.False,
            (byte)'n' => JsonKind.Null,
            (byte)'-' or (>= (byte)'0' and <= (byte)'9') => JsonKind.Number,
            _ => JsonKind.Fault,
        };
    }

    /// <summary>Enters an object or an array.</summary>
    public void Enter() => _at++;

    /// <summary>Goes to the next member of an object; false at its end, or at a fault.</summary>
    /// <param name="isFirst">True at the first call.</param>
    /// <param name="name">As it is written, between its quotes.</param>
    public bool NextMember(ref bool isFirst, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!Next(ref isFirst, (byte)'}')) return false;
        SkipSpace();
        if (!TryReadString(out name)) return false;
        SkipSpace();
        return Expect((byte)':');
    }

    /// <summary>Goes to the next element of an array; false at its end, or at a fault.</summary>
    public bool NextElement(ref bool isFirst) => Next(ref isFirst, (byte)']');

    /// <summary>Reads a string; what is between its quotes, as it is written.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!Expect((byte)'"')) return false;
        var start = _at;
        while (true)
        {
            var length = _text[_at..].IndexOfAny(s_stringEnds);
            if (length < 0 || _text[_at + length] < ' ') return Fail();
            _at += length;
            if (_text[_at] == '"') break;
            _at += 2;
            if (_at >= _text.Length) return Fail();
        }

        text = _text[start.._at];
        _at++;
        return true;
    }

    /// <summary>Reads a number, as it is written.</summary>
    public bool TryReadNumber(out ReadOnlySpan<byte> number)
    {
        var start = _at;
        while (_at < _text.Length && _text[_at] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.' or (byte)'e' or (byte)'E') _at++;
        number = _text[start.._at];
        return JsonNumber.IsValid(number) || Fail();
    }

    /// <summary>Reads <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public bool TryReadLiteral(scoped ReadOnlySpan<byte> literal)
    {
        if (!_text[_at..].StartsWith(literal)) return Fail();
        _at += literal.Length;
        return true;
    }

    /// <summary>Reads a value, whatever it is, and gives it as it is written.</summary>
    public bool TrySkip(int depth, out ReadOnlySpan<byte> value)
    {
        SkipSpace();
        var start = _at;
        var isRead = TrySkip(depth);
        value = _text[start.._at];
        return isRead;
    }

    private bool TrySkip(int depth)
    {
        if (depth > Messages.MessageLimits.MaxDepth) return Fail();
        var isFirst = true;
        switch (Peek())
        {
            case JsonKind.Object:
                Enter();
                while (NextMember(ref isFirst, out _))
                {
                    if (!TrySkip(depth + 1)) return false;
                }

                return !IsFault;
            case JsonKind.Array:
                Enter();
                while (NextElement(ref isFirst))
                {
                    if (!TrySkip(depth + 1)) return false;
                }

                return !IsFault;
            case JsonKind.String: return TryReadString(out _);
            case JsonKind.Number: return TryReadNumber(out _);
            case JsonKind.True: return TryReadLiteral("true"u8);
            case JsonKind.False: return TryReadLiteral("false"u8);
            case JsonKind.Null: return TryReadLiteral("null"u8);
            default: return Fail();
        }
    }

    private bool Next(ref bool isFirst, byte end)
    {
        SkipSpace();
        if (_at < _text.Length && _text[_at] == end && !IsFault)
        {
            _at++;
            return false;
        }

        if (isFirst)
        {
            isFirst = false;
            return _at < _text.Length || Fail();
        }

        return Expect((byte)',');
    }

    private bool Expect(byte wanted)
    {
        if (IsFault || _at >= _text.Length || _text[_at] != wanted) return Fail();
        _at++;
        return true;
    }

    private bool Fail()
    {
        IsFault = true;
        return false;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') _at++;
    }
}
