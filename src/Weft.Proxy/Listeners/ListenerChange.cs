using Envoy.Config.Listener.V3;
using Weft.Config;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners;

/// <summary>What an update changes in a listener, and so whose connections must end. Any thread.</summary>
public static class ListenerChange
{
    private static readonly HashSet<int> s_chains =
        [ListenerMessage.FilterChainsFieldNumber, ListenerMessage.DefaultFilterChainFieldNumber, ListenerMessage.FilterChainMatcherFieldNumber];

    /// <summary>
    /// Nothing changes but which filter chains there are: connections of chains that stay live on, and only those of the others drain (Envoy: in-place
    /// filter chain update).
    /// </summary>
    public static bool IsInPlace(ListenerMessage before, ListenerMessage after) =>
        MessageDifference.Fields(before, after).All(static field => s_chains.Contains(field.FieldNumber));

    /// <summary>The filter chains of an update in place that are not there any more as they were: their connections drain.</summary>
    public static IReadOnlyList<FilterChain> ChainsThatGo(ListenerMessage before, ListenerMessage after)
    {
        var left = Chains(after).ToList();
        return [.. Chains(before).Where(chain => !left.Remove(chain))];
    }

    private static IEnumerable<FilterChain> Chains(ListenerMessage listener) =>
        listener.DefaultFilterChain is { } last ? listener.FilterChains.Append(last) : listener.FilterChains;
}
