using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>Cookies that a request's response gives to the client. Pooled with its stream; worker thread.</summary>
internal sealed class GeneratedCookies
{
    private readonly ByteWriter _text = new();
    private readonly List<int> _ends = [];

    public void Add(CookieText cookie, ReadOnlySpan<byte> value)
    {
        _text.Write(cookie.Before);
        _text.Write(value);
        _text.Write(cookie.After);
        _ends.Add(_text.Length);
    }

    /// <summary>Adds a Set-Cookie for each.</summary>
    public void WriteTo(HeaderMap response)
    {
        var start = 0;
        foreach (var end in _ends)
        {
            response.Add(KnownHeader.SetCookie, _text.Written[start..end]);
            start = end;
        }
    }

    public void Clear()
    {
        _text.Clear();
        _ends.Clear();
    }
}
