using Weft.Base.Stats;

namespace Weft.Proxy.HttpFilters.StatefulSession;

/// <summary>The statistics <c>http.PREFIX.stateful_session.PREFIX.*</c> of a filter with a stat_prefix, under Envoy's names and with the meanings that its documentation gives them.</summary>
internal sealed class StatefulSessionStats(StatsScope scope)
{
    /// <summary>Requests that went to the endpoint of their session.</summary>
    public Counter Routed { get; } = scope.Counter("routed");

    /// <summary>Requests whose endpoint could not be had, and that went to another.</summary>
    public Counter FailedOpen { get; } = scope.Counter("failed_open");

    /// <summary>Requests whose endpoint could not be had, and that failed for it (strict).</summary>
    public Counter FailedClosed { get; } = scope.Counter("failed_closed");

    /// <summary>Requests that went to an endpoint without a session.</summary>
    public Counter NoSession { get; } = scope.Counter("no_session");
}
