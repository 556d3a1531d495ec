using Envoy.Extensions.Filters.Common.Matcher.Action.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using MatcherMessage = Xds.Type.Matcher.V3.Matcher;

namespace Weft.Proxy.HttpFilters.MatchDelegate;

/// <summary>The one action of matchers around a filter: requests pass it by.</summary>
internal sealed class SkipAction
{
    private static readonly SkipAction s_skip = new();

    /// <summary>A matcher around a filter; faults are reported.</summary>
    public static Matcher<SkipAction> Compile(MatcherMessage config, FactoryContext context)
        => new MatcherCompiler<SkipAction>(context, MatchScope.Http, static action => action is SkipFilter ? s_skip : null).Compile(config);
}
