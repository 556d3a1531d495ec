using System.Buffers;

namespace Weft.Proxy.HttpFilters.CdnLoop;

/// <summary>
/// Reads a CDN-Loop header (RFC 8586): identifiers of networks with parameters, separated by commas. Bytes only; no allocation.
/// </summary>
internal ref struct CdnLoopReader(ReadOnlySpan<byte> text)
{
    // RFC 9110 section 5.6.2.
    private static readonly SearchValues<byte> s_token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> s_address = SearchValues.Create("0123456789ABCDEFabcdef:."u8);
    private static readonly SearchValues<byte> s_digits = SearchValues.Create("0123456789"u8);

    private ReadOnlySpan<byte> _rest = text;

    /// <summary>How often a network stands in a header; below 0 when the header is no list of networks.</summary>
    public static int Count(ReadOnlySpan<byte> header, ReadOnlySpan<byte> id)
    {
        var reader = new CdnLoopReader(header);
        var count = 0;
        while (true)
        {
            // Empty entries are allowed (RFC 9110 section 5.6.1.2).
            reader.SkipSpace();
            if (reader._rest.IsEmpty) return count;
            if (reader.Take((byte)',')) continue;
            if (!reader.TryReadId(out var found) || !reader.SkipParameters()) return -1;
            if (found.SequenceEqual(id)) count++;
            if (!reader._rest.IsEmpty && !reader.Take((byte)',')) return -1;
        }
    }

    /// <summary>The text is one identifier: a host with or without a port, or a name.</summary>
    public static bool IsId(ReadOnlySpan<byte> text)
    {
        var reader = new CdnLoopReader(text);
        return reader.TryReadId(out _) && reader._rest.IsEmpty;
    }

    private bool TryReadId(out ReadOnlySpan<byte> id)
    {
        id = _rest;
        if (Take((byte)'['))
        {
            Skip(s_address);
            if (!Take((byte)']')) return false;
        }
        else if (Skip(s_token) == 0)
        {
            return false;
        }

        if (Take((byte)':')) Skip(s_digits);
        id = id[..^_rest.Length];
        return true;
    }

    private bool SkipParameters()
    {
        SkipSpace();
        while (Take((byte)';'))
        {
            SkipSpace();
            if (Skip(s_token) == 0 || !Take((byte)'=') || !SkipValue()) return false;
            SkipSpace();
        }

        return true;
    }

    private bool SkipValue()
    {
        if (!Take((byte)'"')) return Skip(s_token) > 0;
        while (!_rest.IsEmpty)
        {
            if (Take((byte)'"')) return true;
            Take((byte)'\\');
            if (_rest.IsEmpty) return false;
            _rest = _rest[1..];
        }

        return false;
    }

    private bool Take(byte sign)
    {
        if (_rest.IsEmpty || _rest[0] != sign) return false;
        _rest = _rest[1..];
        return true;
    }

    private int Skip(SearchValues<byte> allowed)
    {
        var end = _rest.IndexOfAnyExcept(allowed);
        var length = end < 0 ? _rest.Length : end;
        _rest = _rest[length..];
        return length;
    }

    private void SkipSpace() => _rest = _rest.TrimStart(" \t"u8);
}
