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
    public required Matcher<SkipAction>? Matcher { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public static MatchDelegateFilterFactory? Create(string name, ExtensionWithMatcher config, string statPrefix, FactoryContext context)
    {
        if (HttpFilterRegistry.CreateInner(config.ExtensionConfig, statPrefix, context) is not { } inner) return null;
        if (inner.IsTerminal)
        {
            context.Config.Error(config, "extension_config", $"a terminal filter ({inner.Name}) cannot be passed by");
            return null;
        }

        return new MatchDelegateFilterFactory
        {
            Name = name,
            Inner = inner,
            Matcher = config.XdsMatcher is { } matcher ? SkipAction.Compile(matcher, context) : null,
            Runtime = context.Runtime,
        };
    }

    public override HttpFilter Create(Worker worker) => new MatchDelegateFilter(this, Inner.Create(worker));

    internal override void OnChain(IReadOnlyList<HttpFilterFactory> chain) => Inner.OnChain(chain);
}

/// <summary>ExtensionWithMatcherPerRoute: another matcher for the requests of a route. Immutable; any thread.</summary>
internal sealed class MatchDelegateRouteConfig(Matcher<SkipAction>? matcher) : FilterRouteConfig
{
    public Matcher<SkipAction>? Matcher => matcher;

    public static MatchDelegateRouteConfig Create(ExtensionWithMatcherPerRoute config, FactoryContext context)
        => new(config.XdsMatcher is { } matcher ? SkipAction.Compile(matcher, context) : null);
}
