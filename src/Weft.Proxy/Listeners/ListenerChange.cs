using Envoy.Config.Listener.V3;
using Google.Protobuf;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners;

/// <summary>What an update changes in a listener, and so whose connections must end. Any thread.</summary>
public static class ListenerChange
{
    private static readonly HashSet<int> s_chains =
        [ListenerMessage.FilterChainsFieldNumber, ListenerMessage.DefaultFilterChainFieldNumber, ListenerMessage.FilterChainMatcherFieldNumber];

    /// <summary>The fields that differ between two messages of one type, by number.</summary>
    public static IEnumerable<int> Fields(IMessage before, IMessage after) =>
        before.Descriptor.Fields.InFieldNumberOrder().Where(field => !Equals(field.Accessor.GetValue(before), field.Accessor.GetValue(after))).Select(field => field.FieldNumber);

    /// <summary>
    /// Nothing changes but which filter chains there are: connections of chains that stay live on, and only those of the others drain (Envoy: in-place
    /// filter chain update).
    /// </summary>
    public static bool IsInPlace(ListenerMessage before, ListenerMessage after) => Fields(before, after).All(s_chains.Contains);

    /// <summary>The filter chains of an update in place that are not there any more as they were: their connections drain.</summary>
    public static IReadOnlyList<FilterChain> ChainsThatGo(ListenerMessage before, ListenerMessage after)
    {
        var left = Chains(after).ToList();
        return [.. Chains(before).Where(chain => !left.Remove(chain))];
    }

    private static IEnumerable<FilterChain> Chains(ListenerMessage listener) =>
        listener.DefaultFilterChain is { } last ? listener.FilterChains.Append(last) : listener.FilterChains;
}
