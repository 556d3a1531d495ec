using Envoy.Extensions.Common.Matching.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.MatchDelegate;

/// <summary>Puts a matcher around another filter, which requests that it says so of pass by (ExtensionWithMatcher, envoy.filters.http.match_delegate).</summary>
internal sealed class MatchDelegateFilterFactory : HttpFilterFactory
{
    public required HttpFilterFactory Inner { get; init; }

    /// <summary>Null: without a word of the route every request passes the filter by.</summary>
    public required Matcher<DelegateAction>? Matcher { get; init; }

    /// <summary>stat_prefix of the connection manager.</summary>
    public required string StatPrefix { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public static MatchDelegateFilterFactory? Create(string name, ExtensionWithMatcher config, string statPrefix, FactoryContext context)
    {
        if (HttpFilterChainCompiler.CreateInner(config.ExtensionConfig, statPrefix, context) is not { } inner) return null;
        if (inner.IsTerminal)
        {
            context.Config.Error(config, "extension_config", $"a terminal filter ({inner.Name}) cannot be passed by");
            return null;
        }

        return new MatchDelegateFilterFactory
        {
            Name = name,
            Inner = inner,
            Matcher = config.XdsMatcher is { } matcher ? DelegateAction.Compile(matcher, statPrefix, mayDiscover: true, context) : null,
            StatPrefix = statPrefix,
            Runtime = context.Runtime,
        };
    }

    public override HttpFilter Create(Worker worker) => new MatchDelegateFilter(this, Inner.Create(worker));

    internal override void OnChain(IReadOnlyList<HttpFilterFactory> chain) => Inner.OnChain(chain);

    internal override IReadOnlyList<string> Explain(FilterRouteConfig? ofRoute, in MatchData request)
    {
        var matcher = ofRoute is MatchDelegateRouteConfig own ? own.Matcher : Matcher;
        if (matcher is null || request.Trail is not { } trail) return ["no matcher: " + SkipAction.Instance];
        var outcome = matcher.Find(request, out var action);
        trail.Add(outcome switch
        {
            MatchOutcome.Yes => $"the request {action}",
            MatchOutcome.No => $"no action: the request takes {Inner.Name}",
            _ => "decided later in the request, or with the response",
        });
        return trail;
    }
}

/// <summary>ExtensionWithMatcherPerRoute: another matcher for the requests of a route. Immutable; any thread.</summary>
internal sealed class MatchDelegateRouteConfig(Matcher<DelegateAction>? matcher) : FilterRouteConfig
{
    public Matcher<DelegateAction>? Matcher => matcher;

    /// <param name="filter">Whose matcher it stands in for; null when the table is compiled for no connection manager.</param>
    public static MatchDelegateRouteConfig Create(ExtensionWithMatcherPerRoute config, HttpFilterFactory? filter, FactoryContext context)
    {
        var statPrefix = (filter as MatchDelegateFilterFactory)?.StatPrefix ?? "";
        return new(config.XdsMatcher is { } matcher ? DelegateAction.Compile(matcher, statPrefix, mayDiscover: false, context) : null);
    }
}
