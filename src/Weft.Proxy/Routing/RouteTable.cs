using Envoy.Config.Route.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Http;
using Weft.Http.Urls;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Routing.Explaining;

namespace Weft.Proxy.Routing;

/// <summary>A RouteConfiguration compiled: domains by hash, routes in order. Immutable, shared by all workers.</summary>
public sealed class RouteTable
{
    private readonly DomainIndex<VirtualHost> _hosts;
    private readonly bool _ignorePort;
    private readonly bool _ignorePathParameters;
    private readonly bool? _validateClusters;
    private readonly WrittenMessage<RouteConfiguration> _written;

    internal RouteTable(RouteConfiguration config, DomainIndex<VirtualHost> hosts, IReadOnlyList<ReferencedCluster> clusters)
    {
        _hosts = hosts;
        _ignorePort = config.IgnorePortInHostMatching;
        _ignorePathParameters = config.IgnorePathParametersInPathMatching;
        _validateClusters = config.ValidateClusters;
        _written = new WrittenMessage<RouteConfiguration>(config);
        Name = config.Name;
        InternalOnlyHeaders = [.. config.InternalOnlyHeaders.Select(static name => new HeaderName(name))];
        ReferencedClusters = clusters;
    }

    /// <summary>Compiles; every fault is reported in the factory context, except clusters that do not exist: see <see cref="CheckClusters"/>.</summary>
    /// <param name="filters">Of the connection manager that the table is for, which typed_per_filter_config is compiled for; null: only checked.</param>
    public static RouteTable Create(RouteConfiguration config, FactoryContext context, IReadOnlyList<HttpFilterFactory>? filters = null)
        => new RouteTableCompiler(config, filters, context).Compile();

    public string Name { get; }

    /// <summary>As written; read again from its bytes after <see cref="Pack"/>. Main thread.</summary>
    internal RouteConfiguration Source => _written.Message;

    /// <summary>internal_only_headers of the table.</summary>
    public IReadOnlyList<HeaderName> InternalOnlyHeaders { get; }

    /// <summary>Every cluster named by a route, with the place that names it.</summary>
    public IReadOnlyList<ReferencedCluster> ReferencedClusters { get; private set; }

    /// <summary>
    /// Keeps only the bytes of what was written, because of thousands of routes the message weighs more than the table. For a table whose clusters
    /// have been checked: it knows no more which it names. Main thread.
    /// </summary>
    internal void Pack(ByteString bytes)
    {
        _written.Pack(bytes);
        ReferencedClusters = [];
    }

    /// <summary>
    /// Reports clusters that do not exist, if validate_clusters says so. Called by the owner once all clusters are known.
    /// </summary>
    /// <param name="exists">Whether there is a cluster of that name.</param>
    /// <param name="byDefault">What an unset validate_clusters means: true for a table in a listener, false for one that is discovered.</param>
    /// <param name="context">Gets the faults.</param>
    public void CheckClusters(Func<string, bool> exists, bool byDefault, ConfigContext context)
    {
        if (!(_validateClusters ?? byDefault)) return;
        foreach (var cluster in ReferencedClusters)
        {
            if (!exists(cluster.Name)) context.Error(cluster.At, cluster.Field, $"route: unknown {cluster.Kind}cluster '{cluster.Name}'");
        }
    }

    /// <summary>The first matching route of the best matching virtual host; null when there is none (404 NR). No allocation.</summary>
    public Route? Match(in RouteRequest request)
    {
        if (HostOf(request.Headers) is not { } virtualHost) return null;
        if (virtualHost.TlsRequirement != TlsRequirement.None && NeedsTls(virtualHost, request.Headers)) return virtualHost.TlsRedirect;
        return virtualHost.RoutesFor(request).Match(request, _ignorePathParameters);
    }

    /// <summary>The virtual host that takes the request, also when none of its routes does; null when there is none.</summary>
    internal VirtualHost? HostOf(HeaderMap headers) => _hosts.Find(MatchedHost(headers));

    /// <summary>Whether a virtual host takes requests of that host.</summary>
    internal bool HasVirtualHost(ReadOnlySpan<byte> host) => _hosts.Find(host) is not null;

    /// <summary>As <see cref="Match"/>, telling what was tried on the way.</summary>
    internal RouteExplanation Explain(in RouteRequest request)
    {
        var host = MatchedHost(request.Headers);
        var text = System.Text.Encoding.UTF8.GetString(host);
        if (_hosts.Find(host) is not { } virtualHost) return new RouteExplanation(text, null, false, [], [], null);
        if (virtualHost.TlsRequirement != TlsRequirement.None && NeedsTls(virtualHost, request.Headers))
            return new RouteExplanation(text, virtualHost, true, [], [], virtualHost.TlsRedirect);
        var tried = new List<TriedRoute>();
        var trail = new List<string>();
        var route = virtualHost.RoutesFor(request, trail).Explain(request, _ignorePathParameters, tried);
        return new RouteExplanation(text, virtualHost, false, trail, tried, route);
    }

    private ReadOnlySpan<byte> MatchedHost(HeaderMap headers)
    {
        var host = headers.Get(KnownHeader.Authority);
        return _ignorePort && Authority.PortStart(host) is >= 0 and var colon ? host[..colon] : host;
    }

    private static bool NeedsTls(VirtualHost host, HeaderMap headers)
        => !headers.Get(KnownHeader.XForwardedProto).SequenceEqual("https"u8)
            && (host.TlsRequirement == TlsRequirement.All || !headers.Get(KnownHeader.XEnvoyInternal).SequenceEqual("true"u8));
}
