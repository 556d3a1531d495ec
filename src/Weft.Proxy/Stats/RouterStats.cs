using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>What a router counts under its connection manager's <c>http.PREFIX.*</c>.</summary>
public sealed class RouterStats
{
    public RouterStats(StatsStore store, string prefix)
    {
        var scope = store.Scope($"http.{prefix}.");
        NoRoute = scope.Counter("no_route");
        NoCluster = scope.Counter("no_cluster");
        RqRedirect = scope.Counter("rq_redirect");
        RqDirectResponse = scope.Counter("rq_direct_response");
        RqTotal = scope.Counter("rq_total");
        RqResetAfterDownstreamResponseStarted = scope.Counter("rq_reset_after_downstream_response_started");
        RqRetrySkippedRequestNotComplete = scope.Counter("rq_retry_skipped_request_not_complete");
        RqOverloadLocalReply = scope.Counter("rq_overload_local_reply");
        PassthroughInternalRedirectBadLocation = scope.Counter("passthrough_internal_redirect_bad_location");
        PassthroughInternalRedirectNoRoute = scope.Counter("passthrough_internal_redirect_no_route");
        PassthroughInternalRedirectPredicate = scope.Counter("passthrough_internal_redirect_predicate");
        PassthroughInternalRedirectTooManyRedirects = scope.Counter("passthrough_internal_redirect_too_many_redirects");
        PassthroughInternalRedirectUnsafeScheme = scope.Counter("passthrough_internal_redirect_unsafe_scheme");
    }

    public Counter PassthroughInternalRedirectNoRoute { get; }

    public Counter PassthroughInternalRedirectPredicate { get; }

    public Counter PassthroughInternalRedirectTooManyRedirects { get; }

    public Counter PassthroughInternalRedirectUnsafeScheme { get; }

    public Counter NoRoute { get; }

    public Counter NoCluster { get; }

    public Counter RqRedirect { get; }

    public Counter RqDirectResponse { get; }

    public Counter RqTotal { get; }

    public Counter RqResetAfterDownstreamResponseStarted { get; }

    public Counter RqRetrySkippedRequestNotComplete { get; }

    public Counter RqOverloadLocalReply { get; }

    public Counter PassthroughInternalRedirectBadLocation { get; }
}
