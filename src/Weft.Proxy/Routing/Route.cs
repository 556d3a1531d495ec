using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Routing;

/// <summary>One compiled route. Exactly one of <see cref="Forward"/>, <see cref="Redirect"/>, <see cref="DirectResponse"/> is set. Immutable.</summary>
public sealed class Route
{
    /// <summary>Route name for %ROUTE_NAME%; may be empty.</summary>
    public required string Name { get; init; }

    public required VirtualHost VirtualHost { get; init; }

    public ForwardAction? Forward { get; init; }

    public RedirectAction? Redirect { get; init; }

    public DirectResponseAction? DirectResponse { get; init; }

    /// <summary>Request header changes of weighted cluster, route, virtual host and table, in Envoy's order.</summary>
    public required HeaderMutations RequestHeaders { get; init; }

    public required HeaderMutations ResponseHeaders { get; init; }

    /// <summary>typed_per_filter_config by filter name: the most specific of route and virtual host; null when there is none.</summary>
    public IReadOnlyDictionary<string, Any>? PerFilterConfig { get; init; }
}

/// <summary>A virtual host as routes see it.</summary>
public sealed class VirtualHost
{
    public required string Name { get; init; }

    /// <summary>include_request_attempt_count / include_attempt_count_in_response.</summary>
    public bool IncludeRequestAttemptCount { get; init; }

    public bool IncludeAttemptCountInResponse { get; init; }
}

/// <summary>RouteAction: send the request to a cluster.</summary>
public sealed class ForwardAction
{
    /// <summary>The cluster of a request; null when cluster_header is absent from it. No allocation.</summary>
    public ClusterReference? SelectCluster(in RouteRequest request) => throw new NotImplementedException();

    /// <summary>cluster_not_found_response_code; default 503.</summary>
    public int ClusterNotFoundStatus { get; init; } = 503;

    /// <summary>Route timeout; default 15,000; 0: none.</summary>
    public long TimeoutMs { get; init; } = 15_000;

    /// <summary>Per-route stream idle timeout; null: the connection manager's.</summary>
    public long? IdleTimeoutMs { get; init; }

    /// <summary>max_stream_duration; null: none.</summary>
    public long? MaxStreamDurationMs { get; init; }

    /// <summary>0: default priority, 1: high.</summary>
    public int Priority { get; init; }

    /// <summary>Rewrites :path and :authority as configured (prefix, regex, host), setting x-envoy-original-path and x-envoy-original-host (append_x_forwarded_host) when it changes them. auto_host_rewrite is the router's: see <see cref="AutoHostRewrite"/>.</summary>
    public void Rewrite(HeaderMap headers, in FormatContext context) => throw new NotImplementedException();

    /// <summary>The router sets :authority to the endpoint's hostname.</summary>
    public bool AutoHostRewrite { get; init; }

    /// <summary>append_x_forwarded_host: a rewritten :authority is kept in x-forwarded-host.</summary>
    public bool AppendXForwardedHost { get; init; }

    /// <summary>upgrade_configs of the route by lower-case upgrade type: enabled or not; null: the connection manager's.</summary>
    public IReadOnlyDictionary<string, bool>? Upgrades { get; init; }
}

/// <summary>RedirectAction.</summary>
public sealed class RedirectAction
{
    /// <summary>301, 302, 303, 307 or 308; default 301.</summary>
    public int Status { get; init; } = 301;

    /// <summary>Writes the Location of a request.</summary>
    public void WriteLocation(HeaderMap requestHeaders, Weft.Base.Buffers.ByteWriter output) => throw new NotImplementedException();
}

/// <summary>DirectResponseAction.</summary>
public sealed class DirectResponseAction
{
    public int Status { get; init; }

    public byte[] Body { get; init; } = [];
}

/// <summary>A compiled list of header additions and removals over several levels; constant values cost no formatting. Immutable.</summary>
public sealed class HeaderMutations
{
    public static readonly HeaderMutations None = new();

    public bool IsEmpty => throw new NotImplementedException();

    /// <summary>Applies to <paramref name="headers"/> in order; values with operators are formatted with the context.</summary>
    public void Apply(HeaderMap headers, in FormatContext context) => throw new NotImplementedException();
}
