using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Json;

/// <summary>
/// Takes the elements of a JSON array out of pieces as they come, each as soon as it is whole. What is inside an element is not looked at beyond
/// finding its end. One thread.
/// </summary>
internal sealed class JsonSplitter
{
    private readonly ByteWriter _kept = new(0);
    private int _at;
    private int _depth;
    private int _elementStart = -1;
    private bool _inString;
    private bool _isEscaped;
    private bool _hasBegun;
    private bool _hasEnded;
    private bool _awaitsElement;

    /// <summary>What came is no array, or something follows it.</summary>
    public bool IsFault { get; private set; }

    /// <summary>The array is complete, or nothing came at all.</summary>
    public bool IsComplete => !IsFault && (_hasEnded || !_hasBegun);

    /// <summary>Bytes that wait for more.</summary>
    public int KeptBytes => _kept.Length;

    public void Append(ReadOnlySpan<byte> piece) => _kept.Write(piece);

    /// <summary>The next whole element; valid until the next call of <see cref="Append"/>. False when more is needed, or at a fault.</summary>
    public bool TryTake(out ReadOnlySpan<byte> element)
    {
        element = default;
        while (!IsFault && _at < _kept.Length)
        {
            var c = _kept.Written[_at];
            if (_inString)
            {
                _at++;
                if (_isEscaped) _isEscaped = false;
                else if (c == '\\') _isEscaped = true;
                else if (c == '"') _inString = false;
                continue;
            }

            if (c is (byte)',' or (byte)']' && _depth == 1)
            {
                var isWhole = _elementStart >= 0;
                if (!isWhole && (c == ',' || _awaitsElement)) return Fail();
                if (isWhole) element = _kept.Written[_elementStart.._at];
                _at++;
                _elementStart = -1;
                _awaitsElement = c == ',';
                if (c == ']') (_hasEnded, _depth) = (true, 0);
                if (isWhole) return true;
                continue;
            }

            if (!TakeByte(c)) return Fail();
        }

        return false;
    }

    /// <summary>Forgets the elements that were taken.</summary>
    public void Compact()
    {
        var keepFrom = _elementStart >= 0 ? _elementStart : _at;
        if (keepFrom == 0) return;
        var rest = _kept.Written[keepFrom..];
        _kept.Clear();
        rest.CopyTo(_kept.GetSpan(rest.Length));
        _kept.Advance(rest.Length);
        _at -= keepFrom;
        if (_elementStart >= 0) _elementStart = 0;
    }

    public void Reset()
    {
        _kept.Clear();
        _at = _depth = 0;
        _elementStart = -1;
        _inString = _isEscaped = _hasBegun = _hasEnded = _awaitsElement = IsFault = false;
    }

    private bool TakeByte(byte c)
    {
        var isSpace = c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';
        if (!isSpace && (_hasEnded || (!_hasBegun && c != '['))) return false;
        if (!_hasBegun && !isSpace)
        {
            _hasBegun = true;
            _depth = 1;
        }
        else if (!isSpace)
        {
            if (_depth == 1 && _elementStart < 0) _elementStart = _at;
            if (c == '"') _inString = true;
            else if (c is (byte)'{' or (byte)'[') _depth++;
            else if (c is (byte)'}' or (byte)']') _depth--;
            if (_depth < 1) return false;
        }

        _at++;
        return true;
    }

    private bool Fail()
    {
        IsFault = true;
        return false;
    }
}
