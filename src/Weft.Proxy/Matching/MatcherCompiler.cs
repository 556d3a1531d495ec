using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Matching;
using Xds.Type.Matcher.V3;
using MatcherCase = Xds.Type.Matcher.V3.Matcher.MatcherTypeOneofCase;
using MatcherMessage = Xds.Type.Matcher.V3.Matcher;
using OnMatchMessage = Xds.Type.Matcher.V3.Matcher.Types.OnMatch;
using TreeCase = Xds.Type.Matcher.V3.Matcher.Types.MatcherTree.TreeTypeOneofCase;
using TreeMessage = Xds.Type.Matcher.V3.Matcher.Types.MatcherTree;

namespace Weft.Proxy.Matching;

/// <summary>
/// xds.type.matcher.v3.Matcher to <see cref="Matcher{TAction}"/>. What is wrong is reported; then what comes out must not be used. Main thread.
/// </summary>
/// <param name="context">Gets the faults.</param>
/// <param name="scope">What is asked about: decides which inputs there are.</param>
/// <param name="createAction">Makes an action of its message; null when there is none of that type (it is reported then).</param>
/// <param name="refuseInput">Says why an input is not allowed here, given its message; null: it is.</param>
internal sealed class MatcherCompiler<TAction>(FactoryContext context, MatchScope scope, Func<IMessage, TAction?> createAction, Func<IMessage, string?>? refuseInput = null)
    where TAction : class
{
    private readonly PredicateCompiler _predicates = new(context, scope, refuseInput);

    public Matcher<TAction> Compile(MatcherMessage config)
    {
        var onNoMatch = config.OnNoMatch is null ? null : Compile(config.OnNoMatch);
        return config.MatcherTypeCase switch
        {
            MatcherCase.MatcherList => new MatcherList<TAction>([.. CompileList(config.MatcherList)], onNoMatch),
            MatcherCase.MatcherTree => CompileTree(config.MatcherTree, onNoMatch) ?? new Matcher<TAction>(onNoMatch),
            _ => new Matcher<TAction>(onNoMatch),
        };
    }

    private OnMatch<TAction> Compile(OnMatchMessage? config) => new(
        _predicates.Create(config?.Action, createAction),
        config?.Matcher is null ? null : Compile(config.Matcher));

    private IEnumerable<(Predicate, OnMatch<TAction>)> CompileList(MatcherMessage.Types.MatcherList list)
    {
        foreach (var entry in list.Matchers)
        {
            var onMatch = Compile(entry.OnMatch);
            if (_predicates.Create(entry.Predicate) is { } predicate) yield return (predicate, onMatch);
        }
    }

    private MatcherTree<TAction>? CompileTree(TreeMessage tree, OnMatch<TAction>? onNoMatch)
    {
        if (_predicates.CreateInput(tree.Input) is not { } input) return null;
        if (input.DataType != MatchInput.TextType)
        {
            context.Config.Error(tree, "input", $"Unsupported data input type: {input.DataType}, currently only string type is supported in map matcher");
            return null;
        }

        return tree.TreeTypeCase switch
        {
            TreeCase.ExactMatchMap => new ExactMapMatcher<TAction>(input, Children(tree.ExactMatchMap), onNoMatch),
            TreeCase.PrefixMatchMap => new PrefixMapMatcher<TAction>(input, Children(tree.PrefixMatchMap), onNoMatch),
            TreeCase.CustomMatch => _predicates.Create(tree.CustomMatch, config => CompileCustom(config, input, onNoMatch)),
            _ => null, // The API's own rules report it.
        };
    }

    private IEnumerable<KeyValuePair<string, OnMatch<TAction>>> Children(TreeMessage.Types.MatchMap map)
        => map.Map.Select(child => KeyValuePair.Create(child.Key, Compile(child.Value)));

    private MatcherTree<TAction>? CompileCustom(IMessage config, MatchInput input, OnMatch<TAction>? onNoMatch) => config switch
    {
        IPMatcher ranges => new IpRangeMatcher<TAction>(input, Ranges(ranges), onNoMatch),
        ServerNameMatcher names => new DomainMatcher<TAction>(input, Domains(names), onNoMatch),
        _ => null,
    };

    private IEnumerable<(AddressRange, bool, OnMatch<TAction>)> Ranges(IPMatcher config)
    {
        foreach (var matcher in config.RangeMatchers)
        {
            var onMatch = Compile(matcher.OnMatch);
            foreach (var range in matcher.Ranges)
            {
                if (AddressRange.Create(range, range.AddressPrefix, range.PrefixLen ?? 0, context.Config, static text => $"invalid CIDR range {text}") is { } compiled)
                    yield return (compiled, matcher.Exclusive, onMatch);
            }
        }
    }

    private IEnumerable<(string, OnMatch<TAction>)> Domains(ServerNameMatcher config)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var matcher in config.DomainMatchers)
        {
            var onMatch = Compile(matcher.OnMatch);
            foreach (var domain in matcher.Domains)
            {
                if (!seen.Add(domain)) context.Config.Error(matcher, "domains", $"Duplicate domain in ServerNameMatcher: {domain}");
                else if (DomainMatcher<TAction>.Check(domain) is { } fault) context.Config.Error(matcher, "domains", fault);
                else yield return (domain, onMatch);
            }
        }
    }
}
