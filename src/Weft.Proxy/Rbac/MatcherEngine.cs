using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Action = Envoy.Config.Rbac.V3.RBAC.Types.Action;
using ActionMessage = Envoy.Config.Rbac.V3.Action;
using MatcherMessage = Xds.Type.Matcher.V3.Matcher;

namespace Weft.Proxy.Rbac;

/// <summary>matcher: a tree of matchers whose actions are named policies, each with its own verdict. What matches nothing is refused.</summary>
internal sealed class MatcherEngine : RbacEngine
{
    private readonly Matcher<NamedAction> _matcher;
    private readonly RuntimeLayers _runtime;
    private readonly List<RbacPolicy> _policies = [];
    private readonly bool _isShadow;
    private bool _logs;

    /// <summary>Compiles; faults are reported in the context. Main thread.</summary>
    /// <param name="source">As configured.</param>
    /// <param name="isShadow">Its verdict is only counted.</param>
    /// <param name="inputs">What may be looked at.</param>
    /// <param name="context">The services.</param>
    public MatcherEngine(MatcherMessage source, bool isShadow, RbacInputs inputs, FactoryContext context)
    {
        (_isShadow, _runtime) = (isShadow, context.Runtime);
        _matcher = new MatcherCompiler<NamedAction>(context, MatchScope.Http, CreateAction, inputs.Refuse).Compile(source);
    }

    public override IReadOnlyList<RbacPolicy> Policies => _policies;

    public override RbacVerdict Judge(in RbacSubject subject)
    {
        var data = new MatchData(subject.Info, _runtime.Current) { RequestHeaders = subject.Headers };
        if (_matcher.Find(data, out var found) != MatchOutcome.Yes || found is null)
            return default;
        if (_logs && !_isShadow)
            Hint(subject.Info, log: found.Action == Action.Log);
        return new RbacVerdict(found.Action != Action.Deny, found.Policy);
    }

    private NamedAction? CreateAction(IMessage config)
    {
        if (config is not ActionMessage action)
            return null;
        _logs |= action.Action_ == Action.Log;
        var policy = new RbacPolicy(action.Name);
        _policies.Add(policy);
        return new NamedAction(action.Action_, policy);
    }

    private sealed record NamedAction(Action Action, RbacPolicy Policy);
}
