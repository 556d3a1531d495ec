using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>filter_chain_matcher: a tree of matchers that names the filter chain, instead of a filter_chain_match of each. Immutable; any thread.</summary>
internal sealed class ChainMatcher
{
    private readonly Matcher<Choice> _matcher;
    private readonly RuntimeLayers _runtime;

    private ChainMatcher(Matcher<Choice> matcher, RuntimeLayers runtime) => (_matcher, _runtime) = (matcher, runtime);

    /// <summary>Compiles; faults are reported in the context. Main thread.</summary>
    /// <param name="source">The listener.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="chains">Its chains without the default one.</param>
    /// <param name="context">The services.</param>
    public static ChainMatcher Create(ListenerMessage source, string name, IEnumerable<FilterChainConfig> chains, FactoryContext context)
    {
        var byName = new Dictionary<string, FilterChainConfig>(StringComparer.Ordinal);
        foreach (var chain in chains)
        {
            if (chain.Name.Length == 0)
                context.Config.Error(chain.Source!, "name", $"error adding listener '{name}': \"name\" field is required when using a listener matcher");
            else if (!byName.TryAdd(chain.Name, chain))
                context.Config.Error(chain.Source!, "name", $"error adding listener '{name}': \"name\" field is duplicated with value '{chain.Name}'");
        }

        var compiler = new MatcherCompiler<Choice>(context, MatchScope.Connection, action => action is StringValue chain ? new Choice(Find(chain)) : null);
        return new ChainMatcher(compiler.Compile(source.FilterChainMatcher), context.Runtime);

        FilterChainConfig? Find(StringValue chain)
        {
            if (byName.GetValueOrDefault(chain.Value) is { } found)
                return found;
            context.Config.Warning(chain, "value", $"there is no filter chain '{chain.Value}': connections that match are closed");
            return null;
        }
    }

    /// <summary>False when nothing matches: then the default chain is meant. Allocates nothing.</summary>
    /// <param name="input">What is known of the connection.</param>
    /// <param name="chain">Null when there is no chain of the name that was found.</param>
    public bool TryFind(in FilterChainMatchInput input, out FilterChainConfig? chain)
    {
        var isMatch = _matcher.Find(new MatchData(in input, _runtime.Current), out var choice) == MatchOutcome.Yes;
        chain = choice?.Chain;
        return isMatch;
    }

    private sealed record Choice(FilterChainConfig? Chain);
}
