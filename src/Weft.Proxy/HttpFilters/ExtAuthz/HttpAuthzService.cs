using System.Text;
using Envoy.Extensions.Filters.Http.ExtAuthz.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.HttpFilters.Router.Retries;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>HttpService: a service that is asked with the request's own head. Immutable; any thread.</summary>
internal sealed class HttpAuthzService
{
    private HttpAuthzService(HttpService config, FactoryContext context)
    {
        Cluster = context.Clusters.Get(config.ServerUri.Cluster);
        PathPrefix = Encoding.UTF8.GetBytes(config.PathPrefix);
        PathOverride = config.PathOverride.Length > 0 ? Encoding.UTF8.GetBytes(config.PathOverride) : null;
        Policy = CallRetries.OfHttp(config.RetryPolicy, context.Config);
        Added = [.. (config.AuthorizationRequest?.HeadersToAdd ?? []).Select(static header => new AuthzHeader(new HeaderName(header.Key), Encoding.UTF8.GetBytes(header.Value)))];
        var response = config.AuthorizationResponse ?? new AuthorizationResponse();
        ToUpstream = NameMatchers.Create(response.AllowedUpstreamHeaders, context.Config);
        AppendedToUpstream = NameMatchers.Create(response.AllowedUpstreamHeadersToAppend, context.Config);
        ToClientOnSuccess = NameMatchers.Create(response.AllowedClientHeadersOnSuccess, context.Config);
        ToMetadata = NameMatchers.Create(response.DynamicMetadataFromHeaders, context.Config);
        ToClient = response.AllowedClientHeaders is { Patterns.Count: > 0 }
            ? NameMatchers.Create(response.AllowedClientHeaders, context.Config, "www-authenticate", "location")
            : null;
    }

    public ClusterReference Cluster { get; }

    /// <summary>Before the request's path.</summary>
    public byte[] PathPrefix { get; }

    /// <summary>path_override: in place of the request's path; null: that one.</summary>
    public byte[]? PathOverride { get; }

    /// <summary>retry_policy; null: a question is asked once.</summary>
    public RetryPolicyConfig? Policy { get; }

    /// <summary>Over those of the request.</summary>
    public AuthzHeader[] Added { get; }

    /// <summary>Headers of its answer that the upstream gets, over the client's.</summary>
    public NameMatchers ToUpstream { get; }

    /// <summary>... beside the client's.</summary>
    public NameMatchers AppendedToUpstream { get; }

    /// <summary>Headers of a denial that the client gets; null: all.</summary>
    public NameMatchers? ToClient { get; }

    public NameMatchers ToClientOnSuccess { get; }

    public NameMatchers ToMetadata { get; }

    /// <summary>Null, with findings, when it cannot be asked.</summary>
    public static HttpAuthzService? Create(HttpService config, FactoryContext context)
    {
        if (config.ServerUri is not { } uri)
        {
            context.Config.Error(config, "server_uri", "ext_authz: server_uri is needed");
            return null;
        }

        if (config.PathPrefix.Length > 0 && config.PathPrefix[0] != '/')
            context.Config.Error(config, "path_prefix", "path_prefix should start with \"/\".");
        if (config.PathOverride.Length > 0 && config.PathOverride[0] != '/')
            context.Config.Error(config, "path_override", "path_override should start with \"/\".");
        if (config is { PathOverride.Length: > 0, PathPrefix.Length: > 0 })
            context.Config.Error(config, "path_override", "Only one of path_prefix or path_override may be set.");
        if (context.ClusterExists is not { } exists || exists(uri.Cluster)) return new HttpAuthzService(config, context);
        context.Config.Error(uri, "cluster", $"ext_authz: unknown cluster '{uri.Cluster}'");
        return null;
    }
}
