using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Bootstrap.Reloading;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners;
using Cluster = Envoy.Config.Cluster.V3.Cluster;
using Listener = Envoy.Config.Listener.V3.Listener;

namespace Weft.Commands;

/// <summary><c>weft config diff OLD NEW</c>: what an update from one file to another would change in a running proxy, and what that costs.</summary>
internal static class ConfigDiff
{
    private const string EndpointsInPlace = "in place, only connections to endpoints that are gone end, busy ones after their request";

    /// <summary>Prints a line for every resource that is added, removed or changed. Both files are bootstraps, or both hold resources.</summary>
    /// <returns>0: nothing changes; 1: a file cannot be read; 2: something changes.</returns>
    public static int Run(string oldPath, string newPath, TextWriter output, TextWriter error)
    {
        if (ConfigContent.Read(oldPath, error) is not { } before || ConfigContent.Read(newPath, error) is not { } after)
            return 1;
        var lines = new List<string>();
        foreach (var key in before.Resources.Keys.Union(after.Resources.Keys).OrderBy(static key => key.Kind, StringComparer.Ordinal).ThenBy(static key => key.Name, StringComparer.Ordinal))
        {
            if (Line(key, before.Resources.GetValueOrDefault(key), after.Resources.GetValueOrDefault(key)) is { } line)
                lines.Add(line);
        }

        if (before.Bootstrap is { } running && after.Bootstrap is { } next)
            lines.AddRange(BootstrapChange.NeedingRestart(running, next).Select(static field => $"~ {field} changed; only a restart takes it over"));
        foreach (var line in lines)
            output.WriteLine(line);
        if (lines.Count == 0)
            output.WriteLine("nothing changes");
        return lines.Count == 0 ? 0 : 2;
    }

    private static string? Line((string Kind, string Name) key, IMessage? before, IMessage? after)
    {
        if (before is null)
            return $"+ {key.Kind} {key.Name}: added{(after is Cluster ? "; used once its endpoints are known" : "")}";
        if (after is null)
            return $"- {key.Kind} {key.Name}: removed; {CostOfRemoval(before)}";
        if (before.Equals(after))
            return null;
        return $"~ {key.Kind} {key.Name}: {string.Join(", ", ChangedFields(before, after))} changed; {CostOfChange(before, after)}";
    }

    private static string CostOfRemoval(IMessage resource) => resource switch
    {
        Listener => "it accepts no more, its connections drain",
        Cluster => "idle connections close, busy ones after their request; routes to it answer 503",
        ClusterLoadAssignment or RouteConfiguration => "what uses it goes on with it",
        _ => "taken over in place, no connection ends",
    };

    private static string CostOfChange(IMessage before, IMessage after) => (before, after) switch
    {
        (Listener one, Listener other) when ListenerChange.IsInPlace(one, other) => CostOfChains(ListenerChange.ChainsThatGo(one, other)),
        (Listener one, Listener other) when !Equals(one.Address, other.Address) => "it listens elsewhere once it is ready; then the old port closes, its connections drain",
        (Listener, _) => "its port stays open, connections of the old one drain",
        (Cluster one, Cluster other) when ClusterChange.IsInPlace(one, other) => EndpointsInPlace,
        (ClusterLoadAssignment, _) => EndpointsInPlace,
        (Cluster, _) => "the new one warms first; then idle connections of the old one close, busy ones after their request",
        _ => "taken over in place, no connection ends",
    };

    private static string CostOfChains(IReadOnlyList<FilterChain> gone)
    {
        if (gone.Count == 0)
            return "in place, no connection ends";
        var names = gone.Select(static chain => chain.Name.Length > 0 ? chain.Name : "without a name");
        return $"in place, only connections of these filter chains drain: {string.Join(", ", names)}";
    }

    private static IEnumerable<string> ChangedFields(IMessage before, IMessage after) =>
        MessageDifference.Fields(before, after).Select(static field => field.Name);
}
