using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Weft.Http.Urls;

namespace Weft.Http.Http1;

// The first line of a message (RFC 9112 sections 3 and 4). Pseudo-headers are slices of it.
public sealed partial class Http1Decoder
{
    private const int VersionBytes = 8;

    private static ulong Http11Text => BinaryPrimitives.ReadUInt64LittleEndian("HTTP/1.1"u8);

    private static ulong Http10Text => BinaryPrimitives.ReadUInt64LittleEndian("HTTP/1.0"u8);

    /// <summary><c>method SP request-target SP HTTP-version CRLF</c>, with exactly one space each.</summary>
    private LineResult ParseRequestLine()
    {
        ref var bytes = ref MemoryMarshal.GetArrayDataReference(_section.Store);
        var store = _section.Store;
        var methodEnd = ByteScan.IndexOfNotVisible(ref bytes, _line, _filled);
        if (methodEnd >= _filled) return LineResult.Open;
        var method = store.AsSpan(_line, methodEnd - _line);
        if (!IsMethod(method)) return LineFailed(_line, CodecErrors.InvalidMethod);
        if (store[methodEnd] != ' ') return LineFailed(_line, CodecErrors.InvalidRequestLine);

        var target = methodEnd + 1;
        var targetEnd = ByteScan.IndexOfNotVisible(ref bytes, target, _filled);
        if (targetEnd >= _filled) return LineResult.Open;
        if (targetEnd == target) return LineFailed(_line, CodecErrors.InvalidRequestLine);
        if (store[targetEnd] != ' ')
            return LineFailed(_line, store[targetEnd] is (byte)'\r' or (byte)'\n' ? CodecErrors.InvalidRequestLine : CodecErrors.InvalidUrlCharacter);
        var next = targetEnd + 1 + VersionBytes + 2;
        if (next > _filled || !ParseVersion(targetEnd + 1)) return LineFailed(_line, CodecErrors.InvalidVersion);
        if (store[next - 2] != '\r' || store[next - 1] != '\n') return LineFailed(_line, CodecErrors.InvalidVersion);
        if (next - _line > _options.MaxHeadersBytes) return Failed(CodecErrors.HeadersTooLarge);

        _section.RegisterRaw(_line, _line, method.Length, KnownHeader.Method);
        var error = ParseTarget(method, target, targetEnd);
        if (error is not null) return Failed(error);
        _line = next;
        return LineResult.Parsed;
    }

    private bool IsMethod(ReadOnlySpan<byte> method) => HttpMethods.IsKnown(method) || (_options.AllowCustomMethods && ByteScan.IsToken(method));

    private bool ParseVersion(int at)
    {
        var version = BinaryPrimitives.ReadUInt64LittleEndian(_section.Store.AsSpan(at));
        Protocol = version == Http10Text ? HttpProtocol.Http10 : HttpProtocol.Http11;
        return version == Http11Text || version == Http10Text;
    }

    /// <summary>RFC 9112 section 3.2: origin-form, absolute-form, authority-form (CONNECT) or asterisk-form (OPTIONS).</summary>
    private CodecError? ParseTarget(ReadOnlySpan<byte> method, int start, int end)
    {
        var target = _section.Store.AsSpan(start, end - start);
        _isConnect = method.SequenceEqual("CONNECT"u8);
        if (_isConnect)
        {
            if (!Authority.IsHostAndPort(target)) return CodecErrors.InvalidTarget;
            _section.RegisterRaw(start, start, target.Length, KnownHeader.Authority);
            return null;
        }

        if (target[0] == '/' || (target is [(byte)'*'] && method.SequenceEqual("OPTIONS"u8)))
        {
            _section.RegisterRaw(start, start, target.Length, KnownHeader.Path);
            return null;
        }

        if (target[0] == '*') return CodecErrors.InvalidTarget;
        var scheme = target.IndexOf("://"u8);
        if (scheme <= 0 || !IsScheme(target[..scheme])) return CodecErrors.InvalidUrlCharacter;
        if (!_options.AllowAbsoluteUrl)
        {
            _section.RegisterRaw(start, start, target.Length, KnownHeader.Path);
            return null;
        }

        return ParseAbsoluteUrl(target, start, scheme);
    }

    private CodecError? ParseAbsoluteUrl(Span<byte> url, int start, int schemeLength)
    {
        var scheme = url[..schemeLength];
        foreach (ref var c in scheme) c |= 0x20;
        var isHttps = scheme.SequenceEqual("https"u8);
        if (!isHttps && !scheme.SequenceEqual("http"u8)) return CodecErrors.InvalidScheme;
        if (isHttps && _options.RefuseHttpsUrl) return CodecErrors.HttpsInPlaintext;

        var host = schemeLength + 3;
        var hostLength = url[host..].IndexOfAny("/?#"u8);
        if (hostLength < 0) hostLength = url.Length - host;
        if (hostLength == 0 || !Authority.IsValid(url.Slice(host, hostLength))) return CodecErrors.InvalidTarget;

        var path = host + hostLength;
        if (path == url.Length)
        {
            // No path means "/": the last character of "://" is one.
            RegisterUrl(start, schemeLength, host, hostLength, host - 1, 1);
            return null;
        }

        if (url[path] != '/')
        {
            // Likewise in front of a query, where the host makes room by moving over that character.
            url.Slice(host, hostLength).CopyTo(url[(host - 1)..]);
            host--;
            path--;
            url[path] = (byte)'/';
        }

        RegisterUrl(start, schemeLength, host, hostLength, path, url.Length - path);
        return null;
    }

    private void RegisterUrl(int start, int schemeLength, int host, int hostLength, int path, int pathLength)
    {
        _section.RegisterRaw(start + path, start + path, pathLength, KnownHeader.Path);
        _section.RegisterRaw(start + host, start + host, hostLength, KnownHeader.Authority);
        _section.RegisterRaw(start, start, schemeLength, KnownHeader.Scheme);
    }

    private static bool IsScheme(ReadOnlySpan<byte> text)
    {
        if (!char.IsAsciiLetter((char)text[0])) return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'+' or (byte)'-' or (byte)'.')) return false;
        return true;
    }

    /// <summary><c>HTTP-version SP status-code [SP reason-phrase] CRLF</c>; a missing reason may lack its space too.</summary>
    private LineResult ParseStatusLine()
    {
        const int statusAt = VersionBytes + 1;
        const int shortest = statusAt + 3 + 2;
        var store = _section.Store;
        var line = _line;
        var end = ByteScan.IndexOfControl(ref MemoryMarshal.GetArrayDataReference(store), line, _filled);
        if (end + 1 >= _filled && (end >= _filled || store[end] != '\n')) return LineResult.Open;
        var next = end + 2;
        if (store[end] != '\r' || store[end + 1] != '\n' || next - line < shortest || store[line + VersionBytes] != ' '
            || !IsStatus(store.AsSpan(line + statusAt, 3)) || store[line + statusAt + 3] is not ((byte)' ' or (byte)'\r'))
            return LineFailed(_line, CodecErrors.InvalidStatusLine);
        if (!ParseVersion(line)) return LineFailed(_line, CodecErrors.InvalidVersion);
        if (next - line > _options.MaxHeadersBytes) return Failed(CodecErrors.HeadersTooLarge);

        _section.RegisterRaw(line + statusAt, line + statusAt, 3, KnownHeader.Status);
        _line = next;
        return LineResult.Parsed;
    }

    private static bool IsStatus(ReadOnlySpan<byte> text)
        => text[0] is >= (byte)'1' and <= (byte)'9' && char.IsAsciiDigit((char)text[1]) && char.IsAsciiDigit((char)text[2]);
}
