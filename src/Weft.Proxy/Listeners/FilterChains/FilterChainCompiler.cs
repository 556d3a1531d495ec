using Envoy.Config.Listener.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.NetworkFilters;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.TransportSockets;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>Makes the filter chains of a listener. Main thread.</summary>
/// <param name="listener">What to call it in errors.</param>
/// <param name="scope">Its statistics.</param>
/// <param name="former">The chains of the listener that this one updates in place: those that stay as they are go on; null: none.</param>
/// <param name="context">The services.</param>
internal sealed class FilterChainCompiler(string listener, StatsScope scope, FilterChainSet? former, FactoryContext context)
{
    private readonly List<FilterChainConfig> _former = [.. former?.All ?? []];

    /// <summary>Null, with findings, when there is none or one cannot be made.</summary>
    public FilterChainSet? Create(ListenerMessage source)
    {
        if (source.FilterChains.Count == 0 && source.DefaultFilterChain is null)
        {
            context.Config.Error(source, "filter_chains", "no filter chains specified");
            return null;
        }

        var candidates = new List<MatchTree.Candidate>();
        foreach (var chain in source.FilterChains)
        {
            if (CreateCandidate(chain) is { } candidate)
                candidates.Add(candidate);
        }

        var @default = source.DefaultFilterChain is null ? null : CreateOne(source.DefaultFilterChain);
        if (candidates.Count != source.FilterChains.Count || (@default is null && source.DefaultFilterChain is not null))
            return null;
        if (source.FilterChainMatcher is not null)
            return CreateWithMatcher(source, candidates.ConvertAll(candidate => candidate.Chain), @default);
        var root = candidates.Count == 0 ? null : new MatchTree(listener, context.Config).Build(candidates);
        var all = candidates.ConvertAll(candidate => candidate.Chain);
        if (@default is not null)
            all.Add(@default);
        return IsUnconditional(source) ? new FilterChainSet(all[0]) : new FilterChainSet(all, root, @default);
    }

    private FilterChainSet CreateWithMatcher(ListenerMessage source, List<FilterChainConfig> chains, FilterChainConfig? @default)
    {
        var matcher = ChainMatcher.Create(source, listener, chains, context);
        return new FilterChainSet(@default is null ? chains : [.. chains, @default], matcher, @default);
    }

    /// <summary>One chain for everything: nothing needs to be looked at.</summary>
    private static bool IsUnconditional(ListenerMessage source) =>
        source.FilterChains is [var only] && source.DefaultFilterChain is null && (only.FilterChainMatch is null || only.FilterChainMatch.Equals(new FilterChainMatch()));

    private MatchTree.Candidate? CreateCandidate(FilterChain source)
    {
        if (CreateOne(source) is not { } chain)
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

    private FilterChainConfig? CreateOne(FilterChain source)
    {
        var same = _former.FindIndex(chain => source.Equals(chain.Source));
        if (same >= 0)
        {
            var kept = _former[same];
            _former.RemoveAt(same);
            return kept;
        }

        var lifetime = new Lifetime(context.Stats);
        context.Lifetime?.Add(lifetime);
        return lifetime.Make(() => CreateOne(source, lifetime));
    }

    private FilterChainConfig? CreateOne(FilterChain source, Lifetime lifetime)
    {
        var own = context with { Lifetime = lifetime };
        var ownScope = own.Stats.Scope(scope.Prefix);
        var factories = NetworkFilterRegistry.Create(source, ownScope, own);
        var socket = TransportSocketRegistry.CreateDownstream(source, own, ownScope);
        return factories is null || socket is null ? null : new FilterChainConfig(source.Name, factories)
        {
            Source = source,
            Lifetime = lifetime,
            TransportSocket = socket,
            TransportSocketConnectTimeoutMs = source.TransportSocketConnectTimeout.ToMs(0),
        };
    }
}
