using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.Router.InternalRedirects;

/// <summary>An extension of <c>envoy.internal_redirect_predicates</c>: whether a redirect may be followed. Immutable.</summary>
internal abstract class RedirectPredicate
{
    /// <param name="from">The route whose upstream redirects.</param>
    /// <param name="to">The route of the target.</param>
    /// <param name="history">The redirects that were followed for this request.</param>
    /// <param name="fromHttps">The request's scheme.</param>
    /// <param name="toHttps">The target's.</param>
    public abstract bool Accepts(Route from, Route to, RedirectHistory history, bool fromHttps, bool toHttps);
}

/// <summary>previous_routes: a route redirects a request to another route once only.</summary>
internal sealed class PreviousRoutes : RedirectPredicate
{
    public override bool Accepts(Route from, Route to, RedirectHistory history, bool fromHttps, bool toHttps) => history.TryAdd(from.Name, to.Name);
}

/// <summary>allow_listed_routes: only to routes of these names.</summary>
internal sealed class AllowListedRoutes(HashSet<string> names) : RedirectPredicate
{
    public override bool Accepts(Route from, Route to, RedirectHistory history, bool fromHttps, bool toHttps) => names.Contains(to.Name);
}

/// <summary>safe_cross_scheme: never from http to https.</summary>
internal sealed class SafeCrossScheme : RedirectPredicate
{
    public override bool Accepts(Route from, Route to, RedirectHistory history, bool fromHttps, bool toHttps) => fromHttps || !toHttps;
}
