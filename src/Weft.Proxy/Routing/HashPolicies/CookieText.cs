using System.Text;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>A Set-Cookie value but for the cookie's own value: <c>name="VALUE"; Max-Age=60; Path=/; attribute; HttpOnly</c>. Immutable; any thread.</summary>
internal sealed class CookieText
{
    private readonly byte[] _before;
    private readonly byte[] _after;
    private readonly byte[] _name;

    /// <param name="maxAgeSeconds">0: a cookie of the session.</param>
    /// <param name="path">"" for none.</param>
    /// <param name="attributes">In order; an attribute without a value is written as its name.</param>
    public CookieText(string name, long maxAgeSeconds, string path, IEnumerable<(string Name, string Value)> attributes)
    {
        _name = Encoding.UTF8.GetBytes(name);
        _before = Encoding.UTF8.GetBytes($"{name}=\"");
        var after = new StringBuilder("\"");
        if (maxAgeSeconds != 0)
            after.Append($"; Max-Age={maxAgeSeconds}");
        if (path.Length > 0)
            after.Append($"; Path={path}");
        foreach (var attribute in attributes)
            after.Append(attribute.Value.Length == 0 ? $"; {attribute.Name}" : $"; {attribute.Name}={attribute.Value}");
        _after = Encoding.UTF8.GetBytes(after.Append("; HttpOnly").ToString());
    }

    public ReadOnlySpan<byte> Name => _name;

    /// <summary>What comes before the value.</summary>
    public ReadOnlySpan<byte> Before => _before;

    /// <summary>What comes after the value.</summary>
    public ReadOnlySpan<byte> After => _after;
}
