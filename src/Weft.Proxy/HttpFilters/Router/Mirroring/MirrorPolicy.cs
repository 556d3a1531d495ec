using System.Text;
using Google.Protobuf.Collections;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters.HeaderMutation;
using Weft.Proxy.Routing;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using MirrorMessage = Envoy.Config.Route.V3.RouteAction.Types.RequestMirrorPolicy;

namespace Weft.Proxy.HttpFilters.Router.Mirroring;

/// <summary>A RequestMirrorPolicy: a share of requests is sent to another cluster as well, whose answers nobody sees. Immutable; any thread.</summary>
internal sealed class MirrorPolicy
{
    private readonly RuntimeFraction _fraction;
    private readonly ClusterReference? _cluster;
    private readonly HeaderName _clusterHeader;
    private readonly ClusterReferences _clusters;
    private readonly MutationList? _mutations;
    private readonly byte[]? _host;
    private readonly bool _keepsHost;

    private MirrorPolicy(MirrorMessage config, FactoryContext context)
    {
        _fraction = config.RuntimeFraction is { } fraction ? RuntimeFraction.From(fraction) : RuntimeFraction.Always;
        _cluster = config.Cluster.Length > 0 ? context.Clusters.Get(config.Cluster) : null;
        _clusterHeader = config.ClusterHeader.Length > 0 ? new HeaderName(config.ClusterHeader) : default;
        _clusters = context.Clusters;
        _keepsHost = config.DisableShadowHostSuffixAppend;
        _host = config.HostRewriteLiteral.Length > 0 ? Encoding.UTF8.GetBytes(config.HostRewriteLiteral) : null;
        _mutations = config.RequestHeadersMutations.Count > 0 ? MutationList.Create(config.RequestHeadersMutations, context.Config) : null;
    }

    public static MirrorPolicy[] Create(RepeatedField<MirrorMessage> configs, FactoryContext context, List<ReferencedCluster> clusters)
    {
        var policies = new MirrorPolicy[configs.Count];
        for (var i = 0; i < policies.Length; i++)
        {
            var config = configs[i];
            if ((config.Cluster.Length == 0) == (config.ClusterHeader.Length == 0))
            {
                context.Config.Error(config, "cluster", config.Cluster.Length == 0
                    ? "Exactly one of cluster or cluster_header in request mirror policy need to be specified"
                    : "Only one of cluster or cluster_header in request mirror policy can be specified");
            }

            if (config.Cluster.Length > 0)
                clusters.Add(new ReferencedCluster(config.Cluster, config, "cluster", "shadow "));
            policies[i] = new MirrorPolicy(config, context);
        }

        return policies;
    }

    /// <summary>Where to and how much, for a person.</summary>
    public override string ToString()
        => $"{_cluster?.Name ?? $"the cluster named by {_clusterHeader}"} ({_fraction.Numerator}/{_fraction.Denominator}{(string.IsNullOrEmpty(_fraction.Key) ? "" : $", runtime key {_fraction.Key}")})";

    /// <summary>Changes the copy's head: request_headers_mutations, then its host, which ends with <c>-shadow</c> unless the policy says otherwise.</summary>
    public void Change(HeaderMap copy, StreamInfo info)
    {
        _mutations?.Apply(copy, new FormatContext(info, copy), new ByteWriter());
        if (_host is not null) copy.Set(KnownHeader.Authority, _host);
        else if (!_keepsHost) MirrorHost.Mark(copy);
    }

    /// <summary>Where the request is mirrored to; null when it is not one of the share, or its header names no cluster.</summary>
    public ClusterReference? TargetOf(in RouteRequest request)
    {
        if (!request.Runtime.IsEnabled(_fraction, request.Info.RandomValue))
            return null;
        return _cluster ?? _clusters.Find(request.Headers.Get(_clusterHeader));
    }
}
