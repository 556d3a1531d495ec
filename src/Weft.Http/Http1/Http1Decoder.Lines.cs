using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Weft.Http.Http1;

// A section is a head or the trailers: lines up to an empty one. Its bytes are copied behind the used part of its map and
// parsed there, line by line, into normal form. A line whose end has not come yet is parsed again when its line feed is
// here, and only then, so that no split makes the work grow faster than the input, and none changes the outcome.
public sealed partial class Http1Decoder
{
    /// <summary>Bytes copied at a time: a usual head as a whole, little of a body that came along with it.</summary>
    private const int RawBytes = 1024;

    private HeaderMap _section = null!;
    private int _line;
    private int _filled;

    /// <summary>Where the section would begin in the store had no line changed its length since.</summary>
    private int _origin;

    /// <summary>Entries that the map may have in the end: those of the start line and the headers.</summary>
    private int _countLimit;
    private bool _inStartLine;

    /// <summary>Gets the names of a head as they were written; null where nobody wants them.</summary>
    private OriginalNames? _names;

    /// <summary>There is no line feed between <see cref="_line"/> and <see cref="_filled"/>.</summary>
    private bool _lineIsOpen;

    private enum LineResult : byte { Parsed, Open, EndOfSection, Failed }

    private void BeginSection(HeaderMap map, bool startLine)
    {
        _section = map;
        _line = 0;
        _filled = 0;
        _origin = 0;
        _countLimit = Math.Min(_options.MaxHeadersCount, HeaderMap.MaxDecodedEntries);
        _inStartLine = startLine;
        _lineIsOpen = false;
        _names = startLine && _options.PreservesCase ? map.KeepNames() : null;
        if (_names is not null) _names.IsProperForOthers = _options.IsProperCaseForOthers;
    }

    /// <summary>Takes bytes of a section; true when it is complete. After a failure all bytes are taken.</summary>
    private bool DecodeSection(ReadOnlySpan<byte> data, out int taken)
    {
        var raw = data[..Math.Min(data.Length, RawBytes)];
        _section.WriteRaw(_filled, raw);
        _filled += raw.Length;
        taken = raw.Length;
        if (_lineIsOpen && raw.IndexOf((byte)'\n') < 0)
        {
            CheckOpenLine();
            return false;
        }

        switch (ParseLines())
        {
            case LineResult.EndOfSection:
                taken -= _filled - _line;
                _section.EndRaw(_line);
                return true;
            case LineResult.Open:
                CheckOpenLine();
                return false;
            default:
                taken = data.Length;
                return false;
        }
    }

    /// <summary>What has come of a line counts against the limit before its end does.</summary>
    private void CheckOpenLine()
    {
        _lineIsOpen = true;
        if (_filled - _origin > _options.MaxHeadersBytes) Fail(TooLarge);
    }

    /// <summary>Bytes of the section's complete lines as received.</summary>
    private int SectionBytes => _line - _origin;

    private CodecError TooLarge => _state == State.Trailers ? CodecErrors.TrailersTooLarge : CodecErrors.HeadersTooLarge;

    private CodecError TooMany => _state == State.Trailers ? CodecErrors.TooManyTrailers : CodecErrors.TooManyHeaders;

    private LineResult ParseLines()
    {
        _lineIsOpen = false;
        if (_inStartLine)
        {
            var result = _isResponse ? ParseStatusLine() : ParseRequestLine();
            if (result != LineResult.Parsed) return result;
            _inStartLine = false;
            _countLimit += _section.Count;
        }

        return ParseHeaderLines();
    }

    /// <summary>
    /// RFC 9112 section 5: <c>field-line = field-name ":" OWS field-value OWS</c>, ended by CRLF alone. The ends of lines are
    /// found ahead of what is in them, a vector at a time, so that the work on one line does not wait for that on the last.
    /// </summary>
    private LineResult ParseHeaderLines()
    {
        ref var store = ref MemoryMarshal.GetArrayDataReference(_section.Store);
        var line = _line;
        var filled = _filled;
        var lastEnd = _origin + _options.MaxHeadersBytes;
        var controls = new ControlScan(ref store, line);
        while (true)
        {
            var end = controls.Next(ref store, filled);
            // A return needs its line feed to be judged; a line feed alone ends the line, wrongly.
            if (end + 1 >= filled && (end >= filled || Unsafe.Add(ref store, end) != '\n')) return Leave(line, LineResult.Open);
            if (_names is not null) KeepName(line, end);
            ref var start = ref Unsafe.Add(ref store, line);
            var head = Vector128.LoadUnsafe(ref start);
            var headLength = ByteScan.TokenLength(head);
            var inName = ByteScan.FirstBytes(headLength);
            head = ByteScan.LowerCase(head, inName);
            var nameEnd = headLength < Vector128<byte>.Count ? line + headLength : ByteScan.LowerCaseToken(ref store, line, end);
            if (Unsafe.Add(ref store, nameEnd) != ':' || nameEnd == line) return ParseOtherLine(line, nameEnd);
            var next = end + 2;
            if (Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref store, end)) != CrLf) return LineFailed(line, BadValue(end));
            if (next > lastEnd) return Failed(TooLarge);
            var known = KnownHeaderNames.Find(head & inName, ref start, nameEnd - line);
            // Stored only now, because reading from bytes that were just written would wait for them.
            head.StoreUnsafe(ref start);

            // Without OWS at the end, and with one space in front as most peers write it, the line is in normal form already.
            var value = nameEnd + 2;
            if (Unsafe.Add(ref store, nameEnd + 1) != ' '
                || (end > value && (Unsafe.Add(ref store, value) <= ' ' || Unsafe.Add(ref store, end - 1) <= ' ')))
            {
                _line = next;
                end = Normalize(nameEnd, end);
                store = ref MemoryMarshal.GetArrayDataReference(_section.Store);
                next = _line;
                filled = _filled;
                lastEnd = _origin + _options.MaxHeadersBytes;
                controls = new ControlScan(ref store, next);
            }
            else
            {
                controls.SkipTo(ref store, next);
            }

            if (_options.Underscores == UnderscoreAction.Allow || MayPass(line, nameEnd))
            {
                _section.RegisterRaw(line, value, end - value, known);
                if (_section.Count > _countLimit) return Failed(TooMany);
            }
            else if (_state == State.Failed)
            {
                return LineResult.Failed;
            }

            line = next;
        }
    }

    /// <summary>Before the name becomes lower-case.</summary>
    private void KeepName(int line, int end)
    {
        var text = _section.Store.AsSpan(line, end - line);
        var colon = text.IndexOf((byte)':');
        if (colon > 0) _names!.Add(text[..colon]);
    }

    private LineResult Leave(int line, LineResult result)
    {
        _line = line;
        return result;
    }

    private static ushort CrLf => BitConverter.IsLittleEndian ? (ushort)0x0A0D : (ushort)0x0D0A;

    /// <summary>A line that begins with no name and colon: the empty line that ends the section, or a fault.</summary>
    private LineResult ParseOtherLine(int line, int nameEnd)
    {
        var store = _section.Store;
        if (nameEnd > line) return LineFailed(line, CodecErrors.InvalidHeaderLine);
        switch (store[line])
        {
            case (byte)'\r' when store[line + 1] == '\n':
                _line = line + 2;
                return SectionBytes > _options.MaxHeadersBytes ? Failed(TooLarge) : LineResult.EndOfSection;
            case (byte)'\r' or (byte)'\n':
                return LineFailed(line, CodecErrors.InvalidLineEnd);
            case (byte)' ' or (byte)'\t':
                return LineFailed(line, CodecErrors.FoldedHeader);
            default:
                return LineFailed(line, CodecErrors.InvalidHeaderLine);
        }
    }

    private CodecError BadValue(int end)
        => _section.Store[end] is (byte)'\r' or (byte)'\n' ? CodecErrors.InvalidLineEnd : CodecErrors.InvalidHeaderValue;

    /// <summary>
    /// Brings the line that ends at <paramref name="end"/> to <c>name: value CRLF</c>, moving what is behind it by the
    /// difference. Returns the new end of the value, which then starts two bytes behind the name.
    /// </summary>
    private int Normalize(int nameEnd, int end)
    {
        // At most one byte is added per line; the padding is kept for the vector loads.
        _section.EnsureRaw(_filled, 1);
        var store = _section.Store.AsSpan();
        var first = nameEnd + 1;
        var last = end;
        while (first < last && store[first] is (byte)' ' or (byte)'\t') first++;
        while (last > first && store[last - 1] is (byte)' ' or (byte)'\t') last--;
        var valueEnd = nameEnd + 2 + (last - first);
        var moved = valueEnd - end;
        // The value first: what is behind the line would run over it when the line becomes shorter.
        store[first..last].CopyTo(store[(nameEnd + 2)..]);
        store[_line.._filled].CopyTo(store[(_line + moved)..]);
        store[nameEnd + 1] = (byte)' ';
        "\r\n"u8.CopyTo(store[valueEnd..]);
        _line += moved;
        _filled += moved;
        _origin += moved;
        return valueEnd;
    }

    /// <summary>False for a name with an underscore, after having failed where that is to be refused.</summary>
    private bool MayPass(int line, int nameEnd)
    {
        if (_isResponse || _section.Store.AsSpan(line, nameEnd - line).IndexOf((byte)'_') < 0) return true;
        if (_options.Underscores == UnderscoreAction.RejectRequest) Fail(CodecErrors.UnexpectedUnderscore);
        else DroppedHeaders++;
        return false;
    }

    /// <summary>A fault counts once its line is complete and within the limit, so that every split finds the same fault first.</summary>
    private LineResult LineFailed(int line, CodecError error)
    {
        var length = _section.Store.AsSpan(line, _filled - line).IndexOf((byte)'\n') + 1;
        if (length == 0) return Leave(line, LineResult.Open);
        return Failed(line + length - _origin > _options.MaxHeadersBytes ? TooLarge : error);
    }

    private LineResult Failed(CodecError error)
    {
        Fail(error);
        return LineResult.Failed;
    }
}
