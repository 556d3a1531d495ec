using Envoy.Config.Listener.V3;
using Weft.Config;
using Weft.Net;
using RuleCase = Envoy.Config.Listener.V3.ListenerFilterChainMatchPredicate.RuleOneofCase;

namespace Weft.Proxy.Listeners.ListenerFilters.Conditional;

/// <summary>filter_disabled: by the port that a connection wants to go to. Immutable; any thread; no allocation.</summary>
internal abstract class ListenerFilterCondition
{
    private const int PortEnd = 65536;

    private static readonly PortRange s_any = new(int.MinValue, int.MaxValue);
    private static readonly PortRange s_never = new(0, 0);

    /// <param name="destination">Where the connection wants to go, as far as is known.</param>
    public abstract bool IsMatch(NetAddress destination);

    /// <summary>Compiles; faults are reported in the context. Main thread.</summary>
    public static ListenerFilterCondition Create(ListenerFilterChainMatchPredicate source, ConfigContext context) => source.RuleCase switch
    {
        RuleCase.AnyMatch => s_any,
        RuleCase.OrMatch => new Combination([.. source.OrMatch.Rules.Select(rule => Create(rule, context))], isAny: true),
        RuleCase.AndMatch => new Combination([.. source.AndMatch.Rules.Select(rule => Create(rule, context))], isAny: false),
        RuleCase.NotMatch => new Negation(Create(source.NotMatch, context)),
        RuleCase.DestinationPortRange => Ports(source, context),
        // The API's own rules report it.
        _ => s_never,
    };

    private static PortRange Ports(ListenerFilterChainMatchPredicate source, ConfigContext context)
    {
        var range = source.DestinationPortRange;
        if (range.Start is < 0 or >= PortEnd || range.End is < 0 or > PortEnd || range.Start >= range.End)
            context.Error(source, "destination_port_range", $"ports from {range.Start} to {range.End} (which does not count) are no range");
        return new PortRange(range.Start, range.End);
    }

    /// <param name="start">The first port.</param>
    /// <param name="end">Behind the last one.</param>
    private sealed class PortRange(int start, int end) : ListenerFilterCondition
    {
        public override bool IsMatch(NetAddress destination) => destination.Port >= start && destination.Port < end;
    }

    private sealed class Negation(ListenerFilterCondition condition) : ListenerFilterCondition
    {
        public override bool IsMatch(NetAddress destination) => !condition.IsMatch(destination);
    }

    private sealed class Combination(ListenerFilterCondition[] conditions, bool isAny) : ListenerFilterCondition
    {
        public override bool IsMatch(NetAddress destination)
        {
            foreach (var condition in conditions)
            {
                if (condition.IsMatch(destination) == isAny)
                    return isAny;
            }

            return !isAny;
        }
    }
}
