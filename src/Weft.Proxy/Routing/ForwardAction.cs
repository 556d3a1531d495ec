using Weft.Http;
using Weft.Http.Urls;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters.Cors;
using Weft.Proxy.HttpFilters.Router;
using Weft.Proxy.HttpFilters.Router.Tunnels;
using Weft.Proxy.Routing.ClusterSpecifiers;
using Weft.Proxy.Routing.HashPolicies;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Routing.RateLimits;

namespace Weft.Proxy.Routing;

/// <summary>RouteAction: send the request to a cluster. Immutable; any thread.</summary>
public sealed class ForwardAction
{
    /// <summary>The cluster of a request; null when cluster_header is absent from it or names none, or a plugin says so. No allocation.</summary>
    public ClusterReference? SelectCluster(in RouteRequest request)
    {
        if (Cluster is not null) return Cluster;
        if (Specifier is not null) return Specifier.Select(request);
        if (ClusterHeader is not { } name) return null;
        // An untrusted header: only its first value counts.
        return AllClusters?.Find(request.Headers.Get(name));
    }

    /// <summary>The cluster, when it is fixed.</summary>
    internal ClusterReference? Cluster { get; init; }

    /// <summary>cluster_header: the request header that names the cluster.</summary>
    internal HeaderName? ClusterHeader { get; init; }

    /// <summary>cluster_specifier_plugin: says where each request goes.</summary>
    internal ClusterSpecifier? Specifier { get; init; }

    /// <summary>To look a received name up in; set with <see cref="ClusterHeader"/>.</summary>
    internal ClusterReferences? AllClusters { get; init; }

    /// <summary>cluster_not_found_response_code; default 503.</summary>
    public int ClusterNotFoundStatus { get; init; } = 503;

    /// <summary>Retries, time limits and what else only the router looks at.</summary>
    internal RoutePolicies Policies { get; init; } = RoutePolicies.Default;

    /// <summary>Per-route stream idle timeout; null: the connection manager's.</summary>
    public long? IdleTimeoutMs { get; init; }

    /// <summary>max_stream_duration; null: the connection manager's limit.</summary>
    public StreamDurationPolicy? StreamDuration { get; init; }

    /// <summary>0: default priority, 1: high.</summary>
    public int Priority { get; init; }

    /// <summary>The router sets :authority to the endpoint's hostname, with <see cref="RewriteHost"/>.</summary>
    public bool AutoHostRewrite { get; init; }

    /// <summary>append_x_forwarded_host: a rewritten :authority is kept in x-forwarded-host.</summary>
    public bool AppendXForwardedHost { get; init; }

    /// <summary>host_rewrite_literal of the weighted cluster: holds where the route itself says nothing.</summary>
    internal AuthorityRewrite? ClusterHost { get; init; }

    internal AuthorityRewrite? Host { get; init; }

    internal PathRewrite? Path { get; init; }

    /// <summary>What consistent hashing goes by; null: a random number.</summary>
    internal HashPolicy? HashPolicy { get; init; }

    /// <summary>rate_limits: the descriptors of requests that take this route.</summary>
    internal RateLimitPolicy RateLimits { get; init; } = RateLimitPolicy.None;

    /// <summary>include_vh_rate_limits: those of the virtual host count too.</summary>
    internal bool IncludesVirtualHostRateLimits { get; init; }

    /// <summary>The deprecated <c>cors</c> of route and virtual host, the route's first.</summary>
    internal CorsPolicyConfig[] CorsPolicies { get; init; } = [];

    /// <summary>metadata_match of the weighted cluster over that of the route: the subset of the cluster's endpoints; null: no matter which.</summary>
    internal MetadataCriteria? MetadataMatch { get; init; }

    /// <summary>upgrade_configs of the route by lower-case upgrade type: enabled or not; null: the connection manager's.</summary>
    public IReadOnlyDictionary<string, bool>? Upgrades { get; init; }

    /// <summary>connect_config of the route's upgrade_configs: the payload of a CONNECT goes to the cluster as plain TCP; null: the CONNECT itself does.</summary>
    internal ConnectTermination? Connect { get; init; }

    /// <summary>
    /// Rewrites :path and :authority as configured (prefix, regex, host), setting x-envoy-original-path and
    /// x-envoy-original-host when it changes them, and x-forwarded-host with append_x_forwarded_host. Comes after the request header changes.
    /// </summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="context">For what is formatted.</param>
    /// <param name="keepOriginal">False with the router's suppress_envoy_headers: no x-envoy-original-* is set.</param>
    public void Rewrite(HeaderMap headers, in FormatContext context, bool keepOriginal = true)
    {
        if (context.Info.ConnectPort > 0) RestoreConnectPort(headers, context.Info.ConnectPort);
        if (ClusterHost is not null) headers.Set(KnownHeader.Authority, ClusterHost.NewHost(headers));
        if (Host is not null && Host.NewHost(headers) is { IsEmpty: false } host) RewriteHost(headers, host, keepOriginal);
        if (Path is null || !headers.Has(KnownHeader.Path)) return;
        var output = MatchScratch.OfThread.Rewritten;
        output.Clear();
        Path.Write(headers.Get(KnownHeader.Path), output);
        if (keepOriginal) headers.Set(KnownHeader.XEnvoyOriginalPath, headers.Get(KnownHeader.Path));
        headers.Set(KnownHeader.Path, output.Written);
    }

    /// <summary>Sets :authority, keeping the old one in x-envoy-original-host and, with append_x_forwarded_host, in x-forwarded-host.</summary>
    public void RewriteHost(HeaderMap headers, ReadOnlySpan<byte> host, bool keepOriginal = true)
    {
        var old = headers.Get(KnownHeader.Authority);
        if (!old.IsEmpty && keepOriginal) headers.Set(KnownHeader.XEnvoyOriginalHost, old);
        if (!old.IsEmpty && AppendXForwardedHost) AppendForwardedHost(headers);
        headers.Set(KnownHeader.Authority, host);
    }

    /// <summary>Without it nobody knows where a CONNECT is to go.</summary>
    private static void RestoreConnectPort(HeaderMap headers, int port)
    {
        if (Authority.PortStart(headers.Get(KnownHeader.Authority)) < 0)
            headers.Set(KnownHeader.Authority, System.Text.Encoding.ASCII.GetBytes($"{System.Text.Encoding.ASCII.GetString(headers.Get(KnownHeader.Authority))}:{port}"));
    }

    /// <summary>A host that stands last in x-forwarded-host already is not repeated.</summary>
    private static void AppendForwardedHost(HeaderMap headers)
    {
        var list = headers.Get(KnownHeader.XForwardedHost);
        var last = list[(list.LastIndexOf((byte)',') + 1)..].Trim(" \t"u8);
        var host = headers.Get(KnownHeader.Authority);
        if (!last.SequenceEqual(host)) headers.Append(new HeaderName(KnownHeader.XForwardedHost), host, ","u8);
    }
}
