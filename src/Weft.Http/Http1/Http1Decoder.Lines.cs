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
    private int _sectionBytes;
    private int _headerCount;
    private bool _inStartLine;

    /// <summary>There is no line feed between <see cref="_line"/> and <see cref="_filled"/>.</summary>
    private bool _lineIsOpen;

    private enum LineResult : byte { Parsed, Open, EndOfSection, Failed }

    private void BeginSection(HeaderMap map, bool startLine)
    {
        _section = map;
        _line = 0;
        _filled = 0;
        _sectionBytes = 0;
        _headerCount = 0;
        _inStartLine = startLine;
        _lineIsOpen = false;
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
        if (_sectionBytes + (_filled - _line) > _options.MaxHeadersBytes) Fail(TooLarge);
    }

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
        }

        LineResult line;
        do line = ParseHeaderLine(ref MemoryMarshal.GetArrayDataReference(_section.Store));
        while (line == LineResult.Parsed);
        return line;
    }

    /// <summary>RFC 9112 section 5: <c>field-line = field-name ":" OWS field-value OWS</c>, ended by CRLF alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private LineResult ParseHeaderLine(ref byte store)
    {
        var line = _line;
        var filled = _filled;
        if (line >= filled) return LineResult.Open;
        ref var start = ref Unsafe.Add(ref store, line);
        var nameEnd = line + ByteScan.TokenLength(Vector128.LoadUnsafe(ref start), out var lowerCase);
        if (nameEnd == line + Vector128<byte>.Count) nameEnd = ByteScan.LowerCaseToken(ref store, line, filled);
        if (nameEnd >= filled) return LineResult.Open;
        if (Unsafe.Add(ref store, nameEnd) != ':' || nameEnd == line) return ParseOtherLine(nameEnd);

        var value = nameEnd + 2;
        var end = ByteScan.IndexOfControl(ref store, nameEnd + 1, filled);
        // Only now, because reading bytes right behind a wider write of them would stall.
        if (nameEnd < line + Vector128<byte>.Count) lowerCase.StoreUnsafe(ref start);
        if (end + 1 >= filled) return LineResult.Open;
        if (Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref store, end)) != CrLf) return LineFailed(BadValue(end));
        var next = end + 2;
        if (_sectionBytes + (next - line) > _options.MaxHeadersBytes) return Failed(TooLarge);
        if (++_headerCount > _options.MaxHeadersCount) return Failed(TooMany);
        _sectionBytes += next - line;
        _line = next;

        // Without OWS at the end, and with one space in front as most peers write it, the line is in normal form already.
        if (Unsafe.Add(ref store, nameEnd + 1) != ' '
            || (end > value && (Unsafe.Add(ref store, value) <= ' ' || Unsafe.Add(ref store, end - 1) <= ' ')))
        {
            end = value + Normalize(nameEnd, end);
            store = ref MemoryMarshal.GetArrayDataReference(_section.Store);
        }

        if (_options.Underscores != UnderscoreAction.Allow && HasUnderscore(line, nameEnd, out var result)) return result;
        var known = KnownHeaderNames.Find(ref Unsafe.Add(ref store, line), nameEnd - line);
        _section.RegisterRaw(line, value, end - value, known);
        return LineResult.Parsed;
    }

    private static ushort CrLf => BitConverter.IsLittleEndian ? (ushort)0x0A0D : (ushort)0x0D0A;

    /// <summary>A line that begins with no name and colon: the empty line that ends the section, or a fault.</summary>
    private LineResult ParseOtherLine(int nameEnd)
    {
        var store = _section.Store;
        if (nameEnd > _line || store[_line] != '\r')
            return LineFailed(nameEnd == _line && store[_line] is (byte)' ' or (byte)'\t' ? CodecErrors.FoldedHeader
                : nameEnd == _line && store[_line] == '\n' ? CodecErrors.InvalidLineEnd
                : CodecErrors.InvalidHeaderLine);
        if (_line + 1 >= _filled) return LineResult.Open;
        if (store[_line + 1] != '\n') return LineFailed(CodecErrors.InvalidLineEnd);
        if (_sectionBytes + 2 > _options.MaxHeadersBytes) return Failed(TooLarge);
        _sectionBytes += 2;
        _line += 2;
        return LineResult.EndOfSection;
    }

    private CodecError BadValue(int end)
        => _section.Store[end] is (byte)'\r' or (byte)'\n' ? CodecErrors.InvalidLineEnd : CodecErrors.InvalidHeaderValue;

    /// <summary>
    /// Brings the line at hand to <c>name: value CRLF</c>, moving what is behind it by the difference. Returns the length of
    /// the value, which then starts two bytes behind the name.
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
        var length = last - first;
        var moved = nameEnd + 2 + length + 2 - _line;
        store[_line.._filled].CopyTo(store[(_line + moved)..]);
        store[first..last].CopyTo(store[(nameEnd + 2)..]);
        store[nameEnd + 1] = (byte)' ';
        "\r\n"u8.CopyTo(store[(nameEnd + 2 + length)..]);
        _line += moved;
        _filled += moved;
        return length;
    }

    private bool HasUnderscore(int line, int nameEnd, out LineResult result)
    {
        result = LineResult.Parsed;
        if (_isResponse || _section.Store.AsSpan(line, nameEnd - line).IndexOf((byte)'_') < 0) return false;
        if (_options.Underscores == UnderscoreAction.RejectRequest) result = Failed(CodecErrors.UnexpectedUnderscore);
        else _headerCount--;
        return true;
    }

    /// <summary>A fault counts once its line is complete and within the limit, so that every split finds the same fault first.</summary>
    private LineResult LineFailed(CodecError error)
    {
        var length = _section.Store.AsSpan(_line, _filled - _line).IndexOf((byte)'\n') + 1;
        if (length == 0) return LineResult.Open;
        return Failed(_sectionBytes + length > _options.MaxHeadersBytes ? TooLarge : error);
    }

    private LineResult Failed(CodecError error)
    {
        Fail(error);
        return LineResult.Failed;
    }
}
