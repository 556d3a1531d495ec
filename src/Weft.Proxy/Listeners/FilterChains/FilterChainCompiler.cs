using Envoy.Config.Listener.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.NetworkFilters;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.TransportSockets;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>Makes the filter chains of a listener. Main thread.</summary>
internal static class FilterChainCompiler
{
    /// <summary>Null, with findings, when there is none or one cannot be made.</summary>
    /// <param name="source">The listener.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="scope">Its statistics.</param>
    /// <param name="context">The services.</param>
    public static FilterChainSet? Create(ListenerMessage source, string name, StatsScope scope, FactoryContext context)
    {
        if (source.FilterChains.Count == 0 && source.DefaultFilterChain is null)
        {
            context.Config.Error(source, "filter_chains", "no filter chains specified");
            return null;
        }

        var candidates = new List<MatchTree.Candidate>();
        foreach (var chain in source.FilterChains)
        {
            if (CreateCandidate(chain, name, scope, context) is { } candidate)
                candidates.Add(candidate);
        }

        var @default = source.DefaultFilterChain is null ? null : CreateOne(source.DefaultFilterChain, scope, context);
        if (candidates.Count != source.FilterChains.Count || (@default is null && source.DefaultFilterChain is not null))
            return null;
        var root = candidates.Count == 0 ? null : new MatchTree(name, context.Config).Build(candidates);
        var all = candidates.ConvertAll(candidate => candidate.Chain);
        if (@default is not null)
            all.Add(@default);
        return IsUnconditional(source) ? new FilterChainSet(all[0]) : new FilterChainSet(all, root, @default);
    }

    /// <summary>One chain for everything: nothing needs to be looked at.</summary>
    private static bool IsUnconditional(ListenerMessage source) =>
        source.FilterChains is [var only] && source.DefaultFilterChain is null && (only.FilterChainMatch is null || only.FilterChainMatch.Equals(new FilterChainMatch()));

    private static MatchTree.Candidate? CreateCandidate(FilterChain source, string listener, StatsScope scope, FactoryContext context)
    {
        if (CreateOne(source, scope, context) is not { } chain)
            return null;
        var match = source.FilterChainMatch ?? new FilterChainMatch();
        foreach (var name in match.ServerNames)
        {
            if (name.AsSpan(name.StartsWith("*.", StringComparison.Ordinal) ? 2 : 0).Contains('*'))
                context.Config.Error(match, "server_names", $"error adding listener '{listener}': partial wildcards are not supported in \"server_names\"");
        }

        return new MatchTree.Candidate(source, match, chain)
        {
            Destinations = AddressRanges.Compile(match.PrefixRanges, context.Config),
            Sources = AddressRanges.Compile(match.SourcePrefixRanges, context.Config),
            DirectSources = AddressRanges.Compile(match.DirectSourcePrefixRanges, context.Config),
        };
    }

    private static FilterChainConfig? CreateOne(FilterChain source, StatsScope scope, FactoryContext context)
    {
        var factories = NetworkFilterRegistry.Create(source, scope, context);
        var socket = TransportSocketRegistry.CreateDownstream(source.TransportSocket, context, scope);
        return factories is null || socket is null ? null : new FilterChainConfig(source.Name, factories)
        {
            Source = source,
            TransportSocket = socket,
            TransportSocketConnectTimeoutMs = source.TransportSocketConnectTimeout.ToMs(0),
        };
    }
}
