using System.Text;
using Weft.Http;

namespace Weft.Observe.Serving;

/// <summary>The headers of an answer, the same for both HTTP versions.</summary>
internal static class ResponseHead
{
    private static readonly HeaderName ContentTypeOptions = new("x-content-type-options");
    private static readonly HeaderName ContentSecurityPolicy = new("content-security-policy");

    /// <summary>The page loads nothing from elsewhere and nobody frames it; what proxies and services sent is only ever shown as text.</summary>
    private static ReadOnlySpan<byte> Policy => "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"u8;

    public static void Fill(HeaderMap headers, HttpAnswer answer)
    {
        headers.Clear();
        headers.Set(KnownHeader.Status, answer.Status);
        headers.Set(KnownHeader.ContentLength, answer.Body.Length);
        if (answer.ContentType.Length == 0)
            return;
        headers.Set(KnownHeader.ContentType, Encoding.ASCII.GetBytes(answer.ContentType));
        headers.Set(KnownHeader.CacheControl, answer.IsImmutable ? "public, max-age=31536000, immutable"u8 : "no-store"u8);
        headers.Set(ContentTypeOptions, "nosniff"u8);
        if (answer.ContentType.StartsWith("text/html", StringComparison.Ordinal))
            headers.Set(ContentSecurityPolicy, Policy);
    }
}
