using Weft.Base.Stats;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>What the filter counts for its connection manager.</summary>
internal sealed class OAuth2Stats(StatsScope scope)
{
    /// <summary>Requests that were sent to the authorization server.</summary>
    public Counter Unauthorized { get; } = scope.Counter("oauth_unauthorized_rq");

    /// <summary>Requests that got 401.</summary>
    public Counter Failure { get; } = scope.Counter("oauth_failure");

    public Counter PassedThrough { get; } = scope.Counter("oauth_passthrough");

    /// <summary>Requests of a session, and logins.</summary>
    public Counter Success { get; } = scope.Counter("oauth_success");

    public Counter RefreshSuccess { get; } = scope.Counter("oauth_refreshtoken_success");

    public Counter RefreshFailure { get; } = scope.Counter("oauth_refreshtoken_failure");
}
