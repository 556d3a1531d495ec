using Envoy.Config.Route.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.HttpFilters.Router.Mirroring;
using Weft.Proxy.HttpFilters.Router.Retries;
using Weft.Proxy.HttpFilters.Router.Timeouts;
using Weft.Proxy.Routing;
using InternalRedirectPolicy = Weft.Proxy.HttpFilters.Router.InternalRedirects.InternalRedirectPolicy;
using RouteMessage = Envoy.Config.Route.V3.Route;
using VirtualHostMessage = Envoy.Config.Route.V3.VirtualHost;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>What a route tells the router beside where to send a request: retries, time limits, mirrors, internal redirects. Immutable; any thread.</summary>
internal sealed record RoutePolicies
{
    public static readonly RoutePolicies Default = new();

    public RetryPolicyConfig Retry { get; init; } = RetryPolicyConfig.None;

    public TimeoutPolicy Timeouts { get; init; } = TimeoutPolicy.Default;

    /// <summary>request_mirror_policies.</summary>
    public MirrorPolicy[] Mirrors { get; init; } = [];

    /// <summary>internal_redirect_policy; null: redirects are the client's affair.</summary>
    public InternalRedirectPolicy? InternalRedirects { get; init; }

    /// <summary>request_body_buffer_limit, or per_request_buffer_limit_bytes of old: how much of a body is kept for another attempt; null: the listener's limit counts.</summary>
    public int? BufferLimitBytes { get; init; }

    /// <summary>The route's own policies; what it does not have it takes from its virtual host.</summary>
    public static RoutePolicies Create(RouteMessage route, HostPolicies host, FactoryContext context, List<ReferencedCluster> clusters)
    {
        var action = route.Route_;
        return Shared<RoutePolicies>.Of(new RoutePolicies
        {
            Retry = action.RetryPolicy is { } retry ? RetryPolicyCompiler.Compile(retry, context.Config) : host.Retry,
            Timeouts = Shared<TimeoutPolicy>.Of(TimeoutPolicy.Create(action, action.HedgePolicy ?? host.Hedge)),
            Mirrors = action.RequestMirrorPolicies.Count > 0 ? MirrorPolicy.Create(action.RequestMirrorPolicies, context, clusters) : host.Mirrors,
            InternalRedirects = InternalRedirectPolicy.Create(action, context.Config),
            BufferLimitBytes = ToLimit(route.RequestBodyBufferLimit) ?? host.BodyLimitBytes ?? ToLimit(route.PerRequestBufferLimitBytes) ?? host.RequestLimitBytes,
        });
    }

    internal static int? ToLimit(ulong? bytes) => bytes is { } limit ? (int)Math.Min(limit, int.MaxValue) : null;
}

/// <summary>The policies of a virtual host, compiled once for all its routes. Main thread.</summary>
/// <param name="host">As configured.</param>
/// <param name="mirrors">Of the table, for hosts without their own.</param>
/// <param name="context">Gets the faults.</param>
/// <param name="clusters">Gets the clusters that are named.</param>
internal sealed class HostPolicies(VirtualHostMessage host, MirrorPolicy[] mirrors, FactoryContext context, List<ReferencedCluster> clusters)
{
    public RetryPolicyConfig Retry { get; } = host.RetryPolicy is { } retry ? RetryPolicyCompiler.Compile(retry, context.Config) : RetryPolicyConfig.None;

    public MirrorPolicy[] Mirrors { get; } = host.RequestMirrorPolicies.Count > 0 ? MirrorPolicy.Create(host.RequestMirrorPolicies, context, clusters) : mirrors;

    public HedgePolicy? Hedge { get; } = host.HedgePolicy;

    /// <summary>request_body_buffer_limit.</summary>
    public int? BodyLimitBytes { get; } = RoutePolicies.ToLimit(host.RequestBodyBufferLimit);

    /// <summary>per_request_buffer_limit_bytes.</summary>
    public int? RequestLimitBytes { get; } = RoutePolicies.ToLimit(host.PerRequestBufferLimitBytes);
}
