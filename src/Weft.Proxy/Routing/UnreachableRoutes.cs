using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Routing.Matching;
using RouteMatch = Envoy.Config.Route.V3.RouteMatch;

namespace Weft.Proxy.Routing;

/// <summary>
/// Finds routes that no request can take, because one before them takes all that they match: its paths are at least theirs, and it asks for
/// nothing that they do not ask for. Main thread.
/// </summary>
internal sealed class UnreachableRoutes
{
    /// <summary>Of routes with the same paths, so many are compared: enough to find mistakes, and quick for generated tables.</summary>
    private const int MaxCompared = 64;

    private readonly Dictionary<PathExtent, List<Earlier>> _byExtent = [];
    private readonly SortedSet<int> _prefixLengths = [];
    private readonly Dictionary<RouteMatch, RouteEntry> _byMatch = [];

    private sealed record Earlier(RouteEntry Entry, List<IMessage> Conditions);

    /// <summary>Warns, with both positions.</summary>
    public static void Warn(IReadOnlyList<WrittenRoute> routes, ConfigContext context)
    {
        // Nothing stands before a single one.
        if (routes.Count == 1) return;
        var seen = new UnreachableRoutes();
        foreach (var route in routes)
        {
            if (seen.Find(route) is { } earlier)
                context.Warning(route.Message, "match", $"this route is never taken: {earlier.Origin} before it takes every request that it matches");
            seen.Add(route);
        }
    }

    private RouteEntry? Find(WrittenRoute route)
    {
        var (entry, match) = (route.Entry, route.Message.Match);
        if (_byMatch.GetValueOrDefault(match) is { } same) return same;
        // What CONNECT brings need not have a path.
        if (entry.MatchesWithoutPath) return null;
        var conditions = ConditionsOf(match);
        var within = entry.Path.Within;
        if (!within.IsPrefix && (Find(within, conditions) ?? Find(Loosely(within), conditions)) is { } exact) return exact;
        foreach (var length in _prefixLengths)
        {
            if (length > Math.Max(within.Text.Length, 1)) break;
            // Every path begins with a slash, even where nothing is known of it.
            var prefix = new PathExtent(within.Text.Length == 0 ? "/"[..length] : within.Text[..length], true, within.IgnoresCase);
            if ((Find(prefix, conditions) ?? Find(Loosely(prefix), conditions)) is { } wider) return wider;
        }

        return null;
    }

    private RouteEntry? Find(PathExtent extent, List<IMessage> conditions)
        => _byExtent.GetValueOrDefault(extent)?.Find(earlier => earlier.Conditions.TrueForAll(conditions.Contains))?.Entry;

    private void Add(WrittenRoute route)
    {
        var (entry, match) = (route.Entry, route.Message.Match);
        _byMatch.TryAdd(match, entry);
        var conditions = ConditionsOf(match);
        foreach (var extent in entry.Path.Takes)
        {
            if (!_byExtent.TryGetValue(extent, out var list)) _byExtent[extent] = list = [];
            if (list.Count < MaxCompared) list.Add(new Earlier(entry, conditions));
            if (extent.IsPrefix) _prefixLengths.Add(extent.Text.Length);
        }
    }

    private static PathExtent Loosely(PathExtent extent) => extent with { Text = extent.Text.ToLowerInvariant(), IgnoresCase = true };

    /// <summary>All that a match asks for besides the path.</summary>
    private static List<IMessage> ConditionsOf(RouteMatch match)
    {
        var all = new List<IMessage>();
        all.AddRange(match.Headers);
        all.AddRange(match.QueryParameters);
        all.AddRange(match.DynamicMetadata);
        all.AddRange(match.FilterState);
        all.AddRange(match.Cookies);
        if (match.Grpc is not null) all.Add(match.Grpc);
        if (match.TlsContext is not null) all.Add(match.TlsContext);
        // The same share is drawn by the same random value: it is a condition like others. A whole share is none.
        if (match.RuntimeFraction is { } fraction && !(fraction.RuntimeKey.Length == 0 && IsWhole(fraction.DefaultValue))) all.Add(fraction);
        return all;
    }

    private static bool IsWhole(Envoy.Type.V3.FractionalPercent? share) => share is not null && Runtime.RuntimeFraction.From(share) is var fraction && fraction.Numerator >= fraction.Denominator;
}
