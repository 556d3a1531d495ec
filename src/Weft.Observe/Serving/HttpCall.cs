using System.Globalization;
using System.Text;
using Weft.Http;
using Weft.Http.Urls;

namespace Weft.Observe.Serving;

/// <summary>A request with its whole body, of either HTTP version. The loop's thread; the body is dead after the answer.</summary>
internal sealed class HttpCall
{
    private readonly Dictionary<string, string> _query = new(StringComparer.Ordinal);

    /// <param name="target">:path, with its query.</param>
    public HttpCall(string method, ReadOnlySpan<byte> target, string contentType, ReadOnlyMemory<byte> body)
    {
        var end = target.IndexOf((byte)'?');
        (Method, Path, ContentType, Body) = (method, Decoded(end < 0 ? target : target[..end]), contentType, body);
        foreach (var parameter in new QueryString(target))
            _query.TryAdd(Decoded(parameter.Name), Decoded(parameter.Value));
    }

    public string Method { get; }

    /// <summary>Decoded, without the query.</summary>
    public string Path { get; }

    public string ContentType { get; }

    public ReadOnlyMemory<byte> Body { get; }

    public bool IsRead => Method is "GET" or "HEAD";

    /// <summary>A parameter of the query; null when it is absent or empty.</summary>
    public string? Query(string name) => _query.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>A number in the query.</summary>
    /// <exception cref="FormatException">It is none; the message is for the client.</exception>
    public long? Number(string name)
    {
        if (Query(name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw new FormatException($"{name} is no number");
    }

    public static HttpCall Of(HeaderMap headers, ReadOnlyMemory<byte> body) => new(
        Encoding.ASCII.GetString(headers.Get(KnownHeader.Method)),
        headers.Get(KnownHeader.Path),
        Encoding.ASCII.GetString(headers.Get(KnownHeader.ContentType)),
        body);

    private static string Decoded(ReadOnlySpan<byte> text)
    {
        var plain = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
            plain[i] = text[i] == '+' ? (byte)' ' : text[i];
        return Encoding.UTF8.GetString(plain, 0, PercentEncoding.Decode(plain, plain));
    }
}
