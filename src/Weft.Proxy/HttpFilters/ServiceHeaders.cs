using System.Text;
using Weft.Http;
using HeaderValue = Envoy.Config.Core.V3.HeaderValue;

namespace Weft.Proxy.HttpFilters;

/// <summary>Headers that a service answers with. What cannot stand in a header is left out: it could forge others.</summary>
internal static class ServiceHeaders
{
    /// <summary>Adds those that can be.</summary>
    public static void Add(IEnumerable<HeaderValue> added, HeaderMap headers)
    {
        foreach (var header in added)
        {
            if (TryRead(header, out var name, out var value)) headers.Add(name, value);
        }
    }

    /// <summary>False when it is no header.</summary>
    public static bool TryRead(HeaderValue header, out HeaderName name, out byte[] value)
    {
        value = header.RawValue.Length > 0 ? header.RawValue.ToByteArray() : Encoding.UTF8.GetBytes(header.Value);
        var isHeader = FieldText.IsName(Encoding.UTF8.GetBytes(header.Key)) && FieldText.IsValue(value);
        name = isHeader ? new HeaderName(header.Key) : default;
        return isHeader;
    }
}
