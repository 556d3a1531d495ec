using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.InternalUpstream.V3;
using Envoy.Type.Metadata.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.TransportSockets.InternalUpstream;

/// <summary>
/// envoy.transport_sockets.internal_upstream: hands metadata of the endpoint or its cluster, and the filter state that is shared with upstreams, to the internal listener that
/// a connection goes to. Around another transport socket. Immutable; any thread.
/// </summary>
internal sealed class InternalUpstreamSocket : UpstreamTransportSocket
{
    private readonly UpstreamTransportSocket _inner;
    private readonly Metadata? _ofCluster;
    private readonly (bool IsOfCluster, string Name)[] _sources;
    private readonly Counter _missing;

    private InternalUpstreamSocket(InternalUpstreamTransport source, UpstreamTransportSocket inner, Metadata? ofCluster, StatsScope scope)
    {
        (_inner, _ofCluster) = (inner, ofCluster);
        _sources = [.. source.PassthroughMetadata.Select(static one => (one.Kind?.KindCase == MetadataKind.KindOneofCase.Cluster, one.Name))];
        _missing = scope.Counter("internal_upstream.no_metadata");
    }

    public override bool IsSecure => _inner.IsSecure;

    public override bool TellsClient => _inner.TellsClient;

    public override bool SharesState => true;

    /// <summary>Compiles; null, with findings, when it cannot be made.</summary>
    /// <param name="source">As configured.</param>
    /// <param name="ofCluster">The metadata of the cluster; null: it has none.</param>
    /// <param name="context">The services.</param>
    /// <param name="scope">The cluster's statistics.</param>
    public static InternalUpstreamSocket? Create(InternalUpstreamTransport source, Metadata? ofCluster, FactoryContext context, StatsScope scope)
    {
        foreach (var one in source.PassthroughMetadata)
        {
            if (one.Kind is { } kind && kind.KindCase is not (MetadataKind.KindOneofCase.Cluster or MetadataKind.KindOneofCase.Host))
                context.Config.Error(one, "kind", $"metadata type is not supported: {kind.KindCase.ToString().ToLowerInvariant()}");
        }

        return TransportSocketRegistry.CreateUpstream(source.TransportSocket, context, scope, ofCluster) is { } inner ? new InternalUpstreamSocket(source, inner, ofCluster, scope) : null;
    }

    public override Transport? Create(in UpstreamTransportOptions options) => _inner.Create(options);

    public override void WriteFirst(Connection connection, Endpoint endpoint, in UpstreamTransportOptions options)
    {
        _inner.WriteFirst(connection, endpoint, options);
        var metadata = Gather(endpoint);
        if (connection.IsInternal && (metadata.Count > 0 || options.SharedState is not null))
            connection.PassThrough(new PassedState(metadata, options.SharedState));
    }

    private List<KeyValuePair<string, Struct>> Gather(Endpoint endpoint)
    {
        var found = new List<KeyValuePair<string, Struct>>(_sources.Length);
        foreach (var (isOfCluster, name) in _sources)
        {
            if ((isOfCluster ? _ofCluster : endpoint.Metadata) is { } metadata && metadata.FilterMetadata.TryGetValue(name, out var fields))
                found.Add(new(name, fields));
            else
                _missing.Inc();
        }

        return found;
    }
}
