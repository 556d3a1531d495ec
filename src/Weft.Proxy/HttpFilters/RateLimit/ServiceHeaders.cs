using System.Text;
using Weft.Http;
using HeaderValue = Envoy.Config.Core.V3.HeaderValue;

namespace Weft.Proxy.HttpFilters.RateLimit;

/// <summary>Headers that a service wants to be added.</summary>
internal static class ServiceHeaders
{
    public static void Add(IEnumerable<HeaderValue> added, HeaderMap headers)
    {
        foreach (var header in added) headers.Add(new HeaderName(header.Key), ValueOf(header));
    }

    public static ReadOnlySpan<byte> ValueOf(HeaderValue header) => header.RawValue.Length > 0 ? header.RawValue.Span : Encoding.UTF8.GetBytes(header.Value);
}
