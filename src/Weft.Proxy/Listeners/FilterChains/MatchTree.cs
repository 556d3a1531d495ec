using Envoy.Config.Listener.V3;
using Weft.Config;
using Weft.Proxy.Routing.Matching;
using SourceType = Envoy.Config.Listener.V3.FilterChainMatch.Types.ConnectionSourceType;

namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>
/// Builds the tree of filter_chain_match in Envoy's order of criteria: destination port, destination address, server name, transport protocol,
/// application protocols, direct source address, source type, source address, source port.
/// </summary>
internal sealed class MatchTree(string listener, ConfigContext context)
{
    private static readonly uint[] s_noPort = [0];
    private static readonly string[] s_noText = [""];

    /// <summary>Null, with findings, when two chains have the same criteria.</summary>
    public MatchNode? Build(IReadOnlyList<Candidate> chains) => ByDestinationPort(chains);

    private PortNode ByDestinationPort(IReadOnlyList<Candidate> chains) =>
        new(Group<uint>(chains, chain => chain.Match.DestinationPort is { } port ? [port] : s_noPort, ByDestinationAddress), isSource: false);

    private RangeNode ByDestinationAddress(IReadOnlyList<Candidate> chains) =>
        ByRange(chains, chain => chain.Destinations, AddressField.Destination, ByServerName);

    private ServerNameNode ByServerName(IReadOnlyList<Candidate> chains)
    {
        var named = Group(chains, chain => chain.Match.ServerNames.Count > 0 ? [.. chain.Match.ServerNames.Select(name => name.ToLowerInvariant())] : s_noText, ByTransportProtocol);
        var exact = new Dictionary<string, MatchNode>(StringComparer.OrdinalIgnoreCase);
        var suffixes = new Dictionary<string, MatchNode>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, node) in named)
        {
            if (name.StartsWith("*.", StringComparison.Ordinal))
                suffixes[name[1..]] = node;
            else if (name.Length > 0)
                exact[name] = node;
        }

        return new ServerNameNode(exact, suffixes, named.GetValueOrDefault(""));
    }

    private MatchNode ByTransportProtocol(IReadOnlyList<Candidate> chains) =>
        new TransportProtocolNode(Group<string>(chains, chain => [chain.Match.TransportProtocol], ByApplicationProtocol));

    private MatchNode ByApplicationProtocol(IReadOnlyList<Candidate> chains) =>
        new ApplicationProtocolNode(Group(chains, chain => chain.Match.ApplicationProtocols.Count > 0 ? [.. chain.Match.ApplicationProtocols] : s_noText, ByDirectSource));

    private MatchNode ByDirectSource(IReadOnlyList<Candidate> chains) => ByRange(chains, chain => chain.DirectSources, AddressField.DirectSource, BySourceType);

    private SourceTypeNode BySourceType(IReadOnlyList<Candidate> chains)
    {
        var types = Group<SourceType>(chains, chain => [chain.Match.SourceType], BySourceAddress);
        return new SourceTypeNode(types.GetValueOrDefault(SourceType.Any), types.GetValueOrDefault(SourceType.SameIpOrLoopback), types.GetValueOrDefault(SourceType.External));
    }

    private RangeNode BySourceAddress(IReadOnlyList<Candidate> chains) => ByRange(chains, chain => chain.Sources, AddressField.Source, BySourcePort);

    private MatchNode BySourcePort(IReadOnlyList<Candidate> chains) =>
        new PortNode(Group(chains, chain => chain.Match.SourcePorts.Count > 0 ? [.. chain.Match.SourcePorts] : s_noPort, Only), isSource: true);

    private ChainNode Only(IReadOnlyList<Candidate> chains)
    {
        for (var i = 1; i < chains.Count; i++)
        {
            context.Error(chains[i].Source, "filter_chain_match",
                $"error adding listener '{listener}': filter chain '{chains[i].Source.Name}' has the same matching rules defined as '{chains[0].Source.Name}'");
        }

        return new ChainNode(chains[0].Chain);
    }

    private static Dictionary<TKey, MatchNode> Group<TKey>(IReadOnlyList<Candidate> chains, Func<Candidate, TKey[]> keysOf, Func<IReadOnlyList<Candidate>, MatchNode> next)
        where TKey : notnull
    {
        var groups = new Dictionary<TKey, List<Candidate>>();
        foreach (var chain in chains)
        {
            foreach (var key in keysOf(chain).Distinct())
            {
                if (!groups.TryGetValue(key, out var group))
                    groups.Add(key, group = []);
                group.Add(chain);
            }
        }

        return groups.ToDictionary(group => group.Key, group => next(group.Value));
    }

    private static RangeNode ByRange(IReadOnlyList<Candidate> chains, Func<Candidate, AddressRange[]> rangesOf, AddressField field, Func<IReadOnlyList<Candidate>, MatchNode> next)
    {
        var without = chains.Where(chain => rangesOf(chain).Length == 0).ToArray();
        var ranges = Group([.. chains.Where(chain => rangesOf(chain).Length > 0)], rangesOf, next);
        return new RangeNode(ranges, without.Length > 0 ? next(without) : null, field);
    }

    /// <summary>A chain and its criteria.</summary>
    internal sealed record Candidate(FilterChain Source, FilterChainMatch Match, FilterChainConfig Chain)
    {
        public required AddressRange[] Destinations { get; init; }

        public required AddressRange[] Sources { get; init; }

        public required AddressRange[] DirectSources { get; init; }
    }
}
