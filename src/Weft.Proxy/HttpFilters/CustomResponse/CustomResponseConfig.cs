using Envoy.Extensions.Http.CustomResponse.LocalResponsePolicy.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using Message = Envoy.Extensions.Filters.Http.CustomResponse.V3.CustomResponse;
using RedirectMessage = Envoy.Extensions.Http.CustomResponse.RedirectPolicy.V3.RedirectPolicy;

namespace Weft.Proxy.HttpFilters.CustomResponse;

/// <summary>Which responses are replaced, and by what: for the filter or for a route. Immutable; any thread.</summary>
internal sealed class CustomResponseConfig : FilterRouteConfig
{
    private readonly Matcher<CustomResponsePolicy>? _matcher;

    private CustomResponseConfig(Message config, string statPrefix, FactoryContext context)
    {
        if (config.CustomResponseMatcher is not { } matcher) return;
        _matcher = new MatcherCompiler<CustomResponsePolicy>(context, MatchScope.Http, action => action switch
        {
            LocalResponsePolicy local => new LocalResponse(local, context.Config),
            RedirectMessage redirect => new RedirectedResponse(redirect, statPrefix, context),
            _ => null,
        }).Compile(matcher);
    }

    /// <param name="statPrefix">What names of its statistics begin with.</param>
    public static CustomResponseConfig Create(Message config, string statPrefix, FactoryContext context) => new(config, statPrefix, context);

    public static CustomResponseConfig OfRoute(Message config, FactoryContext context) => new(config, "", context);

    /// <summary>What replaces the response; null: nothing.</summary>
    public CustomResponsePolicy? Find(in MatchData data)
    {
        if (_matcher is null) return null;
        return _matcher.Find(data, out var policy) == MatchOutcome.Yes ? policy : null;
    }
}
