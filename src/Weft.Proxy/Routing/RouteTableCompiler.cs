using Envoy.Config.Route.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Cors;
using Weft.Proxy.HttpFilters.Router;
using Weft.Proxy.HttpFilters.Router.Mirroring;
using Weft.Proxy.Routing.ClusterSpecifiers;
using Weft.Proxy.Routing.RateLimits;
using HostMessage = Envoy.Config.Route.V3.VirtualHost;

namespace Weft.Proxy.Routing;

/// <summary>RouteConfiguration to <see cref="RouteTable"/>: the table and its virtual hosts. Main thread.</summary>
internal sealed class RouteTableCompiler(RouteConfiguration config, IReadOnlyList<HttpFilterFactory>? filters, FactoryContext context)
{
    private readonly List<ReferencedCluster> _clusters = [];
    private readonly ClusterSpecifierCompiler _specifiers = new(config, context);
    private MirrorPolicy[] _mirrors = [];

    public RouteTable Compile()
    {
        var hosts = new DomainIndex<VirtualHost>();
        _mirrors = MirrorPolicy.Create(config.RequestMirrorPolicies, context, _clusters);
        var levels = MutationLevels.Of(config, context.Config);
        var filterLevel = FilterConfigLevel.Create(config.TypedPerFilterConfig, config, filters, context);
        foreach (var host in config.VirtualHosts) hosts.Add(host, Compile(host, levels, filterLevel), config, context.Config);
        return new RouteTable(config, hosts, _clusters);
    }

    private VirtualHost Compile(HostMessage message, MutationLevels table, FilterConfigLevel? tableFilters)
    {
        var host = new VirtualHost
        {
            Name = message.Name,
            Domains = [.. message.Domains],
            Metadata = message.Metadata,
            IncludeRequestAttemptCount = message.IncludeRequestAttemptCount,
            IncludeAttemptCountInResponse = message.IncludeAttemptCountInResponse,
#pragma warning disable CS0612 // cors is deprecated in the API, but still in files.
            Cors = CorsPolicyConfig.Create(message.Cors, context),
#pragma warning restore CS0612
            IncludeIsTimeoutRetryHeader = message.IncludeIsTimeoutRetryHeader,
            VirtualClusters = VirtualCluster.Create(message.VirtualClusters, message.Name, context),
            RateLimits = RateLimitPolicy.Create(message.RateLimits, context),
            TlsRequirement = message.RequireTls switch
            {
                HostMessage.Types.TlsRequirementType.All => TlsRequirement.All,
                HostMessage.Types.TlsRequirementType.ExternalOnly => TlsRequirement.ExternalOnly,
                _ => TlsRequirement.None,
            },
        };
        if (host.TlsRequirement != TlsRequirement.None) host.TlsRedirect = TlsRedirect(host);
        if (message.Matcher is not null && message.Routes.Count > 0)
            context.Config.Error(message, "matcher", "cannot set both matcher and routes on virtual host");

        var compiler = new RouteCompiler(config, host, context, _clusters)
        {
            Specifiers = _specifiers,
            HostPolicies = new HostPolicies(message, _mirrors, context, _clusters),
            TableLevels = table,
            HostLevels = MutationLevels.Of(message, context.Config),
            Filters = filters,
            TableFilters = tableFilters,
            HostFilters = FilterConfigLevel.Create(message.TypedPerFilterConfig, message, filters, context),
        };
        var entries = new List<WrittenRoute>(message.Routes.Count);
        for (var i = 0; i < message.Routes.Count; i++)
        {
            if (compiler.Compile(message.Routes[i], i) is { } entry) entries.Add(new WrittenRoute(entry, message.Routes[i]));
        }

        if (message.Matcher is not null) host.Matcher = new HostMatcher(compiler, context).Compile(message.Matcher);
        UnreachableRoutes.Warn(entries, context.Config);
        host.Routes = new RouteList([.. entries.Select(static route => route.Entry)]);
        return host;
    }

    private static Route TlsRedirect(VirtualHost host) => new()
    {
        Name = "",
        VirtualHost = host,
        Redirect = new RedirectAction { Scheme = RedirectAction.Bytes("https"), KeepsHost = true },
        RequestHeaders = HeaderMutations.None,
        ResponseHeaders = HeaderMutations.None,
    };
}
