using Envoy.Extensions.Filters.Common.Matcher.Action.V3;
using Envoy.Extensions.Filters.Http.Composite.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Composite;
using Weft.Proxy.Matching;
using MatcherMessage = Xds.Type.Matcher.V3.Matcher;

namespace Weft.Proxy.HttpFilters.MatchDelegate;

/// <summary>What a matcher around a filter says of a request. <c>ToString</c> says it to a person. Immutable; any thread.</summary>
internal abstract class DelegateAction
{
    /// <summary>A matcher around a filter; faults are reported.</summary>
    /// <param name="statPrefix">For the filters of its actions.</param>
    /// <param name="mayDiscover">Configurations of such filters may be discovered.</param>
    public static Matcher<DelegateAction> Compile(MatcherMessage config, string statPrefix, bool mayDiscover, FactoryContext context)
        => new MatcherCompiler<DelegateAction>(context, MatchScope.Http, action => action switch
        {
            SkipFilter => SkipAction.Instance,
            ExecuteFilterAction execute => ExecuteAction.Create(execute, statPrefix, mayDiscover, context),
            _ => null,
        }).Compile(config);
}
