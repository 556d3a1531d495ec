using System.Text;
using Weft.Http;

namespace Weft.Proxy.Routing.Explaining;

/// <summary>What is different between two states of a header map, for a person.</summary>
internal static class HeaderChanges
{
    /// <summary>A line per name: added, removed, or changed.</summary>
    public static IEnumerable<string> Between(HeaderMap before, HeaderMap after)
    {
        var (old, now) = (ByName(before), ByName(after));
        foreach (var (name, values) in old)
        {
            if (!now.TryGetValue(name, out var changed)) yield return $"- {name}: {values}";
            else if (changed != values) yield return $"~ {name}: {values} -> {changed}";
        }

        foreach (var (name, values) in now)
        {
            if (!old.ContainsKey(name)) yield return $"+ {name}: {values}";
        }
    }

    private static Dictionary<string, string> ByName(HeaderMap map)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < map.Count; i++)
        {
            var name = Encoding.UTF8.GetString(map.NameAt(i));
            var value = Encoding.UTF8.GetString(map.ValueAt(i));
            result[name] = result.TryGetValue(name, out var others) ? $"{others}, {value}" : value;
        }

        return result;
    }
}
