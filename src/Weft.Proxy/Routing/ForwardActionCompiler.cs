using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Path.Rewrite.UriTemplate.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;
using Weft.Proxy.HttpFilters.Cors;
using Weft.Proxy.HttpFilters.Router;
using Weft.Proxy.HttpFilters.Router.Tunnels;
using Weft.Proxy.Routing.ClusterSpecifiers;
using Weft.Proxy.Routing.HashPolicies;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Routing.RateLimits;
using Weft.Proxy.Streams;
using ClusterCase = Envoy.Config.Route.V3.RouteAction.ClusterSpecifierOneofCase;
using HostCase = Envoy.Config.Route.V3.RouteAction.HostRewriteSpecifierOneofCase;
using NotFoundCode = Envoy.Config.Route.V3.RouteAction.Types.ClusterNotFoundResponseCode;
using WeightMessage = Envoy.Config.Route.V3.WeightedCluster.Types.ClusterWeight;

namespace Weft.Proxy.Routing;

/// <summary>RouteAction to <see cref="ForwardAction"/>, alone or once per weighted cluster. Main thread.</summary>
internal sealed class ForwardActionCompiler(RouteAction action, RoutePolicies policies, PathMatcher path, VirtualHost host, ClusterSpecifierCompiler specifiers, FactoryContext context, List<ReferencedCluster> clusters)
{
    private readonly PathRewrite? _path = CompilePathRewrite(action, path, context);
    private readonly AuthorityRewrite? _host = CompileHostRewrite(action, context);
    private readonly Dictionary<string, bool>? _upgrades = CompileUpgrades(action, context);
    private readonly ConnectTermination? _connect = ConnectTermination.Create(action.UpgradeConfigs.FirstOrDefault(static upgrade => upgrade.ConnectConfig is not null)?.ConnectConfig);
    private readonly MetadataCriteria? _metadataMatch = MetadataCriteria.Of(action.MetadataMatch);
    /// <summary>hash_policy; null when there is none.</summary>
    public HashPolicy? HashPolicy { get; } = HashPolicyCompiler.Compile(action.HashPolicy, context.Config);

    private readonly RateLimitPolicy _rateLimits = RateLimitPolicy.Create(action.RateLimits, context);

#pragma warning disable CS0612 // cors is deprecated in the API, but still in files.
    private readonly CorsPolicyConfig[] _corsPolicies = [.. new[] { CorsPolicyConfig.Create(action.Cors, context), host.Cors }.OfType<CorsPolicyConfig>()];
#pragma warning restore CS0612

    /// <summary>For anything but weighted_clusters; null with a reported fault when there is no cluster to go to.</summary>
    public ForwardAction? Compile()
    {
        switch (action.ClusterSpecifierCase)
        {
            case ClusterCase.Cluster:
                clusters.Add(new ReferencedCluster(action.Cluster, action, "cluster"));
                return Build(action.Cluster, null, null);
            case ClusterCase.ClusterHeader:
                return Build(null, new HeaderName(action.ClusterHeader), null);
            case ClusterCase.ClusterSpecifierPlugin or ClusterCase.InlineClusterSpecifierPlugin:
                return specifiers.Find(action) is { } specifier ? Build(null, null, null, specifier: specifier) : null;
            default:
                return null; // The API's own rules report it.
        }
    }

    /// <summary>For one of weighted_clusters.</summary>
    public ForwardAction? Compile(WeightMessage cluster)
    {
        if ((cluster.Name.Length == 0) == (cluster.ClusterHeader.Length == 0))
        {
            context.Config.Error(cluster, "name", cluster.Name.Length == 0
                ? "At least one of name or cluster_header need to be specified"
                : "Only one of name or cluster_header can be specified");
            return null;
        }

        var host = cluster.HostRewriteLiteral.Length > 0 ? new AuthorityRewrite(cluster.HostRewriteLiteral) : null;
        var metadata = MetadataCriteria.Of(cluster.MetadataMatch);
        if (cluster.Name.Length == 0) return Build(null, new HeaderName(cluster.ClusterHeader), host, metadata);
        clusters.Add(new ReferencedCluster(cluster.Name, cluster, "name", "weighted "));
        return Build(cluster.Name, null, host, metadata);
    }

    private ForwardAction Build(string? cluster, HeaderName? clusterHeader, AuthorityRewrite? clusterHost, MetadataCriteria? clusterMetadata = null, ClusterSpecifier? specifier = null) => new()
    {
        Cluster = cluster is null ? null : context.Clusters.Get(cluster),
        ClusterHeader = clusterHeader,
        Specifier = specifier,
        AllClusters = context.Clusters,
        ClusterNotFoundStatus = action.ClusterNotFoundResponseCode switch
        {
            NotFoundCode.NotFound => 404,
            NotFoundCode.InternalServerError => 500,
            _ => 503,
        },
        Policies = policies,
        IdleTimeoutMs = action.IdleTimeout?.ToMs(),
        StreamDuration = StreamDurationPolicy.Create(action.MaxStreamDuration),
        Priority = action.Priority == RoutingPriority.High ? 1 : 0,
        AutoHostRewrite = action.AutoHostRewrite ?? false,
        AppendXForwardedHost = action.AppendXForwardedHost,
        ClusterHost = clusterHost,
        Host = _host,
        Path = _path,
        Upgrades = _upgrades,
        Connect = _connect,
        HashPolicy = HashPolicy,
        CorsPolicies = _corsPolicies,
        MetadataMatch = MetadataCriteria.Merge(_metadataMatch, clusterMetadata),
        RateLimits = _rateLimits,
#pragma warning disable CS0612 // Deprecated in the API, but still in files.
        IncludesVirtualHostRateLimits = action.IncludeVhRateLimits ?? false,
#pragma warning restore CS0612
    };

    private static PathRewrite? CompilePathRewrite(RouteAction action, PathMatcher path, FactoryContext context)
    {
        var hasPrefix = action.PrefixRewrite.Length > 0;
        if ((hasPrefix ? 1 : 0) + (action.RegexRewrite is null ? 0 : 1) + (action.PathRewritePolicy is null ? 0 : 1) > 1)
            context.Config.Error(action, "regex_rewrite", "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy");
        if (action.PathRewritePolicy is not null) return CompileTemplateRewrite(action, path, context);
        if (hasPrefix) return new PathRewrite(action.PrefixRewrite, path);
        if (action.RegexRewrite is null || RegexRewrite.Create(action.RegexRewrite, context.Config) is not { } regex) return null;
        return new PathRewrite(regex);
    }

    private static PathRewrite? CompileTemplateRewrite(RouteAction action, PathMatcher path, FactoryContext context)
    {
        if (context.Config.Unpack(action.PathRewritePolicy.TypedConfig) is not UriTemplateRewriteConfig config)
            return Fail($"Didn't find a registered implementation for '{action.PathRewritePolicy.Name}' with type URL: '{action.PathRewritePolicy.TypedConfig?.TypeUrl}'");
        if (path.Template is not { } template)
            return Fail("unable to use envoy.path.rewrite.uri_template.uri_template_rewriter extension without envoy.path.match.uri_template.uri_template_matcher extension");
        if (!config.PathTemplateRewrite.StartsWith('/'))
            return Fail($"path_rewrite_policy.path_template_rewrite {config.PathTemplateRewrite} is invalid");
        if (template.Substitution(config.PathTemplateRewrite, out var error) is not { } substitution) return Fail(error);
        var regex = RegexRewrite.Create(new Envoy.Type.Matcher.V3.RegexMatchAndSubstitute { Pattern = new() { Regex = $"^{template.Regex}$" }, Substitution = substitution }, context.Config);
        return regex is null ? null : new PathRewrite(regex);

        PathRewrite? Fail(string text)
        {
            context.Config.Error(action, "path_rewrite_policy", text);
            return null;
        }
    }

    private static AuthorityRewrite? CompileHostRewrite(RouteAction action, FactoryContext context) => action.HostRewriteSpecifierCase switch
    {
        HostCase.HostRewriteLiteral when action.HostRewriteLiteral.Length > 0 => new AuthorityRewrite(action.HostRewriteLiteral),
        HostCase.HostRewriteHeader when action.HostRewriteHeader.Length > 0 => new AuthorityRewrite(new HeaderName(action.HostRewriteHeader)),
        HostCase.HostRewritePathRegex when RegexRewrite.Create(action.HostRewritePathRegex, context.Config) is { } regex => new AuthorityRewrite(regex),
        _ => null,
    };

    private static Dictionary<string, bool>? CompileUpgrades(RouteAction action, FactoryContext context)
    {
        if (action.UpgradeConfigs.Count == 0) return null;
        var upgrades = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var upgrade in action.UpgradeConfigs)
        {
            var type = upgrade.UpgradeType.ToLowerInvariant();
            UpgradeTypes.Check(type, upgrade, context.Config);
            if (!upgrades.TryAdd(type, upgrade.Enabled ?? true)) context.Config.Error(upgrade, "upgrade_type", $"Duplicate upgrade {upgrade.UpgradeType}");
            if (upgrade.ConnectConfig is not null && type is not ("connect" or "connect-udp"))
                context.Config.Error(upgrade, "connect_config", $"Non-CONNECT upgrade type {upgrade.UpgradeType} has ConnectConfig");
        }

        return upgrades;
    }
}
