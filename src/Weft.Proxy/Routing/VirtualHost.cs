using Weft.Http;
using Weft.Proxy.HttpFilters.Cors;
using Weft.Proxy.Matching;
using Weft.Proxy.Routing.RateLimits;

namespace Weft.Proxy.Routing;

/// <summary>VirtualHost.require_tls: who is redirected to https.</summary>
internal enum TlsRequirement : byte { None, ExternalOnly, All }

/// <summary>A virtual host as routes see it.</summary>
public sealed class VirtualHost
{
    public required string Name { get; init; }

    /// <summary>VirtualHost.metadata; null when there is none.</summary>
    public Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    /// <summary>As written.</summary>
    internal IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>include_request_attempt_count / include_attempt_count_in_response.</summary>
    public bool IncludeRequestAttemptCount { get; init; }

    public bool IncludeAttemptCountInResponse { get; init; }

    /// <summary>The deprecated <c>cors</c>, for routes that the filter's own configuration says nothing about.</summary>
    internal CorsPolicyConfig? Cors { get; init; }

    /// <summary>include_is_timeout_retry_header: a retry says in x-envoy-is-timeout-retry whether a time-out is its reason.</summary>
    public bool IncludeIsTimeoutRetryHeader { get; init; }

    internal RateLimitPolicy RateLimits { get; init; } = RateLimitPolicy.None;

    /// <summary>virtual_clusters; the last takes every request.</summary>
    internal VirtualCluster[] VirtualClusters { get; init; } = [];

    internal TlsRequirement TlsRequirement { get; init; }

    /// <summary>What a request takes that require_tls forbids: 301 to the same URL with https.</summary>
    internal Route? TlsRedirect { get; set; }

    internal RouteList Routes { get; set; } = RouteList.Empty;

    /// <summary>matcher: leads to the routes instead; null when there is none.</summary>
    internal Matcher<RouteList>? Matcher { get; set; }

    /// <summary>The routes to try for a request: all of them, or those that <see cref="Matcher"/> leads to. No allocation.</summary>
    /// <param name="trail">Gets what the matcher looked at, for a person.</param>
    internal RouteList RoutesFor(in RouteRequest request, List<string>? trail = null)
    {
        if (Matcher is null) return Routes;
        var data = new MatchData(request.Info, request.Runtime) { RequestHeaders = request.Headers, Trail = trail };
        return Matcher.Find(data, out var found) == MatchOutcome.Yes && found is not null ? found : RouteList.Empty;
    }

    /// <summary>The first that the request matches; null when none is configured.</summary>
    internal VirtualCluster? VirtualClusterOf(HeaderMap headers)
    {
        foreach (var cluster in VirtualClusters)
        {
            if (cluster.IsMatch(headers))
                return cluster;
        }

        return null;
    }
}
