using System.Text;
using Weft.Base;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.NetworkFilters.HttpConnectionManager;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing.Explaining;

/// <summary>A request that is only asked about: its head, and the random value that shares are drawn by.</summary>
internal sealed class ExplainedRequest
{
    private readonly string _text;

    private ExplainedRequest(string text, HeaderMap headers, bool isTls) => (_text, Headers, IsTls) = (text, headers, isTls);

    public HeaderMap Headers { get; }

    public bool IsTls { get; }

    public StreamInfo Info { get; } = new();

    /// <summary>Reads <c>GET http://host/path</c> (the method may be left out) and headers as <c>name: value</c>.</summary>
    /// <exception cref="FormatException">It is no request.</exception>
    public static ExplainedRequest Parse(string request, IEnumerable<string> headers, ulong randomValue = 0)
    {
        var words = request.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (method, url) = words.Length switch
        {
            1 => ("GET", words[0]),
            2 => (words[0], words[1]),
            _ => throw new FormatException($"a request is written as 'GET http://host/path', not '{request}'"),
        };
        var scheme = url.StartsWith("https://", StringComparison.Ordinal) ? "https" : "http";
        var rest = url.StartsWith(scheme + "://", StringComparison.Ordinal) ? url[(scheme.Length + 3)..] : throw new FormatException($"a URL begins with http:// or https://, not '{url}'");
        var slash = rest.IndexOfAny(['/', '?']);
        var host = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 ? "/" : rest[slash] == '/' ? rest[slash..] : "/" + rest[slash..];
        return Create(method, scheme, host, path, headers.Select(Split), randomValue);
    }

    public static ExplainedRequest Create(string method, string scheme, string host, string path, IEnumerable<(string Name, string Value)> headers, ulong randomValue)
    {
        var map = new HeaderMap();
        map.Set(KnownHeader.Method, Encoding.UTF8.GetBytes(method));
        map.Set(KnownHeader.Scheme, Encoding.UTF8.GetBytes(scheme));
        map.Set(KnownHeader.Authority, Encoding.UTF8.GetBytes(host));
        map.Set(KnownHeader.Path, Encoding.UTF8.GetBytes(path));
        foreach (var (name, value) in headers) map.Add(new HeaderName(name), Encoding.UTF8.GetBytes(value));
        if (!map.Has(KnownHeader.XForwardedProto)) map.Set(KnownHeader.XForwardedProto, Encoding.UTF8.GetBytes(scheme));
        var result = new ExplainedRequest($"{method} {scheme}://{host}{path}", map, scheme == "https");
        result.Info.RandomValue = randomValue;
        result.Info.Protocol = HttpProtocol.Http11;
        NetAddress.TryParseIP("127.0.0.1", 0, out var address);
        result.Info.DownstreamDirectRemoteAddress = result.Info.DownstreamRemoteAddress = result.Info.DownstreamLocalAddress = address;
        return result;
    }

    /// <summary>Does to the head what the connection manager does before it looks for a route; tells of a refusal.</summary>
    /// <returns>Null when the request goes on.</returns>
    public string? ApplyRules(HttpConnectionManagerConfig manager)
    {
        var verdict = manager.RequestRules.Apply(Headers, Info, new RandomSource(1), IsTls);
        return verdict.IsContinue ? null : $"the connection manager answers {verdict.Status} itself ({verdict.Details})";
    }

    public override string ToString() => _text;

    private static (string Name, string Value) Split(string header)
    {
        var colon = header.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) throw new FormatException($"a header is written as 'name: value', not '{header}'");
        return (header[..colon].Trim(), header[(colon + 1)..].Trim());
    }
}
