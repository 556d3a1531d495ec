using System.Text;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters.Router.InternalRedirects;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Matching;
using Message = Envoy.Extensions.Http.CustomResponse.RedirectPolicy.V3.RedirectPolicy;
using RedirectCase = Envoy.Config.Route.V3.RedirectAction.PathRewriteSpecifierOneofCase;
using RedirectMessage = Envoy.Config.Route.V3.RedirectAction;

namespace Weft.Proxy.HttpFilters.CustomResponse;

/// <summary>RedirectPolicy: the answer of another URL, which the proxy asks for in the client's place. Immutable; any worker.</summary>
internal sealed class RedirectedResponse : CustomResponsePolicy
{
    private readonly byte[]? _uri;
    private readonly RedirectAction? _action;
    private readonly int? _status;
    private readonly HeaderMutations _requestHeaders;
    private readonly HeaderMutations _responseHeaders;
    private readonly Counter _noRoute;
    private readonly Counter _invalidUri;

    /// <param name="statPrefix">What names of its statistics begin with.</param>
    public RedirectedResponse(Message config, string statPrefix, FactoryContext context)
    {
        var faults = context.Config;
        if (config.RedirectActionSpecifierCase == Message.RedirectActionSpecifierOneofCase.Uri)
        {
            _uri = Encoding.UTF8.GetBytes(config.Uri);
            if (!RedirectTarget.TryParse(_uri, out _))
                faults.Error(config, "uri", $"Invalid uri specified for redirection for custom response: {config.Uri}");
        }
        else if (config.RedirectAction is { } action)
        {
            CheckAction(action, context);
            _action = RedirectCompiler.Compile(action, PathMatcher.Connect, faults);
        }

        _status = (int?)config.StatusCode;
        _requestHeaders = HeaderMutations.Create(config.RequestHeadersToAdd, [], faults, config, "request_headers_to_add", "");
        _responseHeaders = HeaderMutations.Create(config.ResponseHeadersToAdd, [], faults, config, "response_headers_to_add", "");
        var scope = context.Stats.Scope(statPrefix);
        _noRoute = scope.Counter("custom_response_redirect_no_route");
        _invalidUri = scope.Counter("custom_response_invalid_uri");
    }

    public override FilterStatus Replace(CustomResponseFilter filter, HeaderMap response)
    {
        if (!filter.MayRestart) return FilterStatus.Continue;
        var stream = filter.Stream;
        var request = stream.RequestHeaders;
        filter.Scratch.Clear();
        _action?.WriteLocation(request, filter.Scratch);
        if (!RedirectTarget.TryParse(_uri ?? filter.Scratch.Written, out var target))
        {
            _invalidUri.Inc();
            return FilterStatus.Continue;
        }

        filter.SaveRequest();
        target.WriteTo(request, filter.PathScratch);
        _requestHeaders.Apply(request, new FormatContext(stream.Info, request, response));
        if (stream.MatchAgain() is null)
        {
            _noRoute.Inc();
            filter.RestoreRequest();
            return FilterStatus.Continue;
        }

        // What answers HEAD has no body that could be passed on.
        if (!request.Get(KnownHeader.Method).SequenceEqual("HEAD"u8)) request.Set(KnownHeader.Method, "GET"u8);
        request.Remove(KnownHeader.ContentLength);
        stream.Info.FilterState.Set(CustomResponseState.Key, new CustomResponseState(this, response.Status) { IsReadOnly = true });
        filter.Restart();
        return FilterStatus.Ended;
    }

    /// <summary>The answer has come: it takes the place of the original one, whose status it keeps unless another is configured.</summary>
    public void Finish(IHttpStream stream, HeaderMap response, int originalStatus)
    {
        _responseHeaders.Apply(response, new FormatContext(stream.Info, stream.RequestHeaders, response));
        if ((_status ?? originalStatus) is not (> 0 and var status)) return;
        response.Set(KnownHeader.Status, status);
        stream.Info.ResponseCode = status;
    }

    private static void CheckAction(RedirectMessage action, FactoryContext context)
    {
        if (action.PathRewriteSpecifierCase == RedirectCase.RegexRewrite)
            context.Config.Error(action, "regex_rewrite", "regex_rewrite is not supported for Custom Response");
        if (action.PathRewriteSpecifierCase == RedirectCase.PrefixRewrite)
            context.Config.Error(action, "prefix_rewrite", "prefix_rewrite is not supported for Custom Response");
        if (action.PathRedirect.Contains('#', StringComparison.Ordinal))
            context.Config.Error(action, "path_redirect", $"#fragment is not supported for custom response. Specified path_redirect is {action.PathRedirect}");
    }
}
