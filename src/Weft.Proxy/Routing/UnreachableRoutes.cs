using Weft.Config;
using RouteMatch = Envoy.Config.Route.V3.RouteMatch;

namespace Weft.Proxy.Routing;

/// <summary>Finds routes that no request can take, because one before them takes all that they match. Main thread.</summary>
internal static class UnreachableRoutes
{
    /// <summary>Warns, with both positions.</summary>
    public static void Warn(IReadOnlyList<RouteEntry> entries, ConfigContext context)
    {
        var prefixes = new Dictionary<string, RouteEntry>(StringComparer.Ordinal);
        var lengths = new SortedSet<int>();
        var matches = new Dictionary<RouteMatch, RouteEntry>();
        foreach (var entry in entries)
        {
            if ((matches.GetValueOrDefault(entry.Origin.Message.Match) ?? FindPrefix(entry, prefixes, lengths)) is { } earlier)
                context.Warning(entry.Origin.Message, "match", $"this route is never taken: {earlier.Origin} before it takes every request that it matches");
            matches.TryAdd(entry.Origin.Message.Match, entry);
            if (entry.TakesAllBelow is not { } prefix) continue;
            if (prefixes.TryAdd(Key(prefix.Span), entry)) lengths.Add(prefix.Length);
        }
    }

    private static RouteEntry? FindPrefix(RouteEntry entry, Dictionary<string, RouteEntry> prefixes, SortedSet<int> lengths)
    {
        // Every path begins with a slash; what CONNECT brings need not.
        if (!entry.MatchesWithoutPath && (prefixes.GetValueOrDefault("/") ?? prefixes.GetValueOrDefault("")) is { } all) return all;
        foreach (var length in lengths)
        {
            if (length > entry.Literal.Length) break;
            if (prefixes.GetValueOrDefault(Key(entry.Literal.Span[..length])) is { } earlier) return earlier;
        }

        return null;
    }

    private static string Key(ReadOnlySpan<byte> bytes) => System.Text.Encoding.Latin1.GetString(bytes);
}
