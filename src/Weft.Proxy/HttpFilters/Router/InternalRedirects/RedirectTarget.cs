using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Urls;

namespace Weft.Proxy.HttpFilters.Router.InternalRedirects;

/// <summary>The absolute URL of a Location header in its parts, without a fragment (RFC 3986 section 3).</summary>
internal readonly ref struct RedirectTarget
{
    public ReadOnlySpan<byte> Scheme { get; private init; }

    public ReadOnlySpan<byte> Host { get; private init; }

    /// <summary>With the query; empty stands for <c>/</c>, or a query alone.</summary>
    public ReadOnlySpan<byte> PathAndQuery { get; private init; }

    public bool IsHttps => Scheme.Length == 5;

    /// <summary>Makes a request one for this URL.</summary>
    /// <param name="scratch">Is cleared; must not hold this URL.</param>
    public void WriteTo(HeaderMap request, ByteWriter scratch)
    {
        request.Set(KnownHeader.Scheme, Scheme);
        request.Set(KnownHeader.Authority, Host);
        scratch.Clear();
        if (PathAndQuery.IsEmpty || PathAndQuery[0] != '/')
            scratch.Write("/"u8);
        scratch.Write(PathAndQuery);
        request.Set(KnownHeader.Path, scratch.Written);
    }

    /// <summary>False for what is no absolute http or https URL.</summary>
    public static bool TryParse(ReadOnlySpan<byte> location, out RedirectTarget target)
    {
        target = default;
        var schemeEnd = location.IndexOf("://"u8);
        if (schemeEnd < 0)
            return false;
        var scheme = location[..schemeEnd];
        var isHttps = Ascii.EqualsIgnoreCase(scheme, "https"u8);
        if (!isHttps && !Ascii.EqualsIgnoreCase(scheme, "http"u8))
            return false;
        var rest = location[(schemeEnd + 3)..];
        var fragment = rest.IndexOf((byte)'#');
        if (fragment >= 0)
            rest = rest[..fragment];
        var hostEnd = rest.IndexOfAny((byte)'/', (byte)'?');
        var host = hostEnd < 0 ? rest : rest[..hostEnd];
        if (host.IsEmpty || host.Contains((byte)'@') || !Authority.IsValid(host))
            return false;
        target = new RedirectTarget { Scheme = isHttps ? "https"u8 : "http"u8, Host = host, PathAndQuery = hostEnd < 0 ? default : rest[hostEnd..] };
        return true;
    }
}
