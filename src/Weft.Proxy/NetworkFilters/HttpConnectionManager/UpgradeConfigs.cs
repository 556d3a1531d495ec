using System.Text;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>
/// upgrade_configs: which upgrades are taken (CONNECT is one), and through which filters they go when not through everybody's. Immutable, shared by all
/// workers.
/// </summary>
internal sealed class UpgradeConfigs
{
    private readonly Dictionary<string, Upgrade> _byType = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>None.</summary>
    public static UpgradeConfigs Empty { get; } = new();

    /// <summary>The filters of all chains, one after the other. Their places count on from those of everybody's chain, so that routes can tell them apart.</summary>
    public IReadOnlyList<HttpFilterFactory> Filters { get; private init; } = [];

    /// <param name="IsEnabled">Where a route says nothing else.</param>
    /// <param name="Filters">The places of its own chain; empty: it has none.</param>
    private readonly record struct Upgrade(bool IsEnabled, Range Filters);

    /// <summary>Compiles; null, with findings, when a chain cannot be made.</summary>
    /// <param name="source">The connection manager.</param>
    /// <param name="firstPlace">How many filters everybody's chain has.</param>
    /// <param name="context">The services.</param>
    public static UpgradeConfigs? Create(HcmMessage source, int firstPlace, FactoryContext context)
    {
        var filters = new List<HttpFilterFactory>();
        var configs = new UpgradeConfigs { Filters = filters };
        var isComplete = true;
        foreach (var upgrade in source.UpgradeConfigs)
        {
            var start = firstPlace + filters.Count;
            if (upgrade.Filters.Count > 0 && HttpFilterChainCompiler.Create(new HttpFilterChain(upgrade.Filters, upgrade, "filters", "http upgrade"), source.StatPrefix, context) is { } chain)
                filters.AddRange(chain);
            else
                isComplete &= upgrade.Filters.Count == 0;
            if (!configs._byType.TryAdd(upgrade.UpgradeType, new Upgrade(upgrade.Enabled ?? true, start..(firstPlace + filters.Count))))
                context.Config.Error(upgrade, "upgrade_type", $"Error: multiple upgrade configs with the same name: '{upgrade.UpgradeType}'");
            UpgradeTypes.Check(upgrade.UpgradeType, upgrade, context.Config);
        }

        return isComplete ? configs : null;
    }

    /// <summary>An upgrade is enabled by the route where the route says so, else by the connection manager. Once per upgrade request.</summary>
    /// <param name="upgrade">Its type, in any letter case.</param>
    /// <param name="route">Of the request.</param>
    /// <param name="filters">The places of the chain that it goes through instead of everybody's; empty: it does not.</param>
    public bool IsEnabled(ReadOnlySpan<byte> upgrade, Route? route, out Range filters)
    {
        var type = Encoding.ASCII.GetString(upgrade);
        var isKnown = _byType.TryGetValue(type, out var known);
        filters = known.Filters;
        if (route?.Forward?.Upgrades is { } byRoute && byRoute.TryGetValue(type.ToLowerInvariant(), out var enabled))
            return enabled;
        return isKnown && known.IsEnabled;
    }
}
