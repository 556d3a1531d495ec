using System.Text;
using Weft.Http;

namespace Weft.Proxy.Tests.HttpFilters;

/// <summary>Heads of messages from text and back.</summary>
internal static class Heads
{
    public static HeaderMap Map(params (string Name, string Value)[] headers)
    {
        var map = new HeaderMap();
        foreach (var (name, value) in headers)
            map.Add(new HeaderName(name), Encoding.UTF8.GetBytes(value));
        return map;
    }

    /// <summary>The first value of a name; empty when there is none.</summary>
    public static string Text(HeaderMap headers, string name)
    {
        var index = headers.IndexOf(new HeaderName(name));
        return index < 0 ? "" : Encoding.UTF8.GetString(headers.ValueAt(index));
    }
}
