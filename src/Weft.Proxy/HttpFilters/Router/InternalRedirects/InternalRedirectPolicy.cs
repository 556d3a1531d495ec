using Envoy.Config.Route.V3;
using Envoy.Extensions.InternalRedirect.AllowListedRoutes.V3;
using Envoy.Extensions.InternalRedirect.PreviousRoutes.V3;
using Envoy.Extensions.InternalRedirect.SafeCrossScheme.V3;
using Weft.Config;
using Weft.Http;
using PolicyMessage = Envoy.Config.Route.V3.InternalRedirectPolicy;

namespace Weft.Proxy.HttpFilters.Router.InternalRedirects;

/// <summary>An InternalRedirectPolicy: which redirects of an upstream the proxy follows itself. Immutable; any thread.</summary>
internal sealed class InternalRedirectPolicy
{
    private int[] _statuses = [302];

    /// <summary>max_internal_redirects; default 1.</summary>
    public uint Max { get; private init; } = 1;

    /// <summary>allow_cross_scheme_redirect; default false.</summary>
    public bool AllowsOtherScheme { get; private init; }

    /// <summary>response_headers_to_copy: they replace those of the request.</summary>
    public HeaderName[] HeadersToCopy { get; private init; } = [];

    public RedirectPredicate[] Predicates { get; private init; } = [];

    /// <summary>Null when the route follows none.</summary>
    public static InternalRedirectPolicy? Create(RouteAction action, ConfigContext context)
    {
        if (action.InternalRedirectPolicy is { } policy)
            return Create(policy, context);
#pragma warning disable CS0612 // Deprecated in the API, but still in files.
        return action.InternalRedirectAction == RouteAction.Types.InternalRedirectAction.HandleInternalRedirect
            ? new InternalRedirectPolicy { Max = action.MaxInternalRedirects ?? 1 }
            : null;
#pragma warning restore CS0612
    }

    public bool Follows(int status) => Array.IndexOf(_statuses, status) >= 0;

    private static InternalRedirectPolicy Create(PolicyMessage config, ConfigContext context)
    {
        foreach (var name in config.ResponseHeadersToCopy)
        {
            if (name.StartsWith(':') || name.Equals("host", StringComparison.OrdinalIgnoreCase))
                context.Error(config, "response_headers_to_copy", ":-prefixed headers or Hosts may not be specified here.");
        }

        var policy = new InternalRedirectPolicy
        {
            Max = config.MaxInternalRedirects ?? 1,
            AllowsOtherScheme = config.AllowCrossSchemeRedirect,
            HeadersToCopy = [.. config.ResponseHeadersToCopy.Select(static name => new HeaderName(name))],
            Predicates = [.. CompilePredicates(config, context)],
        };
        if (config.RedirectResponseCodes.Count > 0)
            policy._statuses = [.. config.RedirectResponseCodes.Where(static code => code is 301 or 302 or 303 or 307 or 308).Select(static code => (int)code)];
        return policy;
    }

    private static IEnumerable<RedirectPredicate> CompilePredicates(PolicyMessage config, ConfigContext context)
    {
        foreach (var extension in config.Predicates)
        {
            switch (context.Unpack(extension.TypedConfig))
            {
                case PreviousRoutesConfig:
                    yield return new PreviousRoutes();
                    break;
                case AllowListedRoutesConfig allowed:
                    yield return new AllowListedRoutes([.. allowed.AllowedRouteNames]);
                    break;
                case SafeCrossSchemeConfig:
                    yield return new SafeCrossScheme();
                    break;
                case var other:
                    context.Error(extension, "name", $"Didn't find a registered implementation for '{extension.Name}' with type URL: '{other?.Descriptor.FullName}'");
                    break;
            }
        }
    }
}
