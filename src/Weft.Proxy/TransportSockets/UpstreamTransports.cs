using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.TransportSockets;

/// <summary>A cluster's transport sockets: the first of transport_socket_matches that an endpoint's metadata fits, else transport_socket. Shared by all workers.</summary>
public sealed class UpstreamTransports
{
    private const string MetadataNamespace = "envoy.transport_socket_match";

    private readonly UpstreamTransportSocket _default;
    private readonly Match[] _matches;

    private UpstreamTransports(UpstreamTransportSocket @default, Match[] matches) => (_default, _matches) = (@default, matches);

    /// <summary>Clear text for every endpoint.</summary>
    public static UpstreamTransports Clear { get; } = new(RawBuffer.RawBufferUpstream.Instance, []);

    /// <summary>Endpoints that nothing is said about are spoken to encrypted.</summary>
    public bool IsSecure => _default.IsSecure;

    /// <summary>Some endpoints may be spoken to encrypted.</summary>
    public bool HasSecure => _default.IsSecure || Array.Exists(_matches, match => match.Socket.IsSecure);

    /// <summary>Some upstreams hear of the client.</summary>
    public bool TellsClient => _default.TellsClient || Array.Exists(_matches, match => match.Socket.TellsClient);

    /// <summary>Some upstreams find what filters share.</summary>
    public bool SharesState => _default.SharesState || Array.Exists(_matches, match => match.Socket.SharesState);

    /// <summary>Compiles; faults are reported in the context.</summary>
    /// <param name="source">The cluster.</param>
    /// <param name="context">The services.</param>
    /// <param name="scope">The cluster's statistics.</param>
    public static UpstreamTransports Create(ClusterMessage source, FactoryContext context, StatsScope scope)
    {
        var matches = new List<Match>();
        foreach (var match in source.TransportSocketMatches)
        {
            if (TransportSocketRegistry.CreateUpstream(match.TransportSocket, context, scope, source.Metadata) is { } socket)
                matches.Add(new Match(match.Match ?? new Struct(), socket));
        }

        var @default = TransportSocketRegistry.CreateUpstream(source.TransportSocket, context, scope, source.Metadata);
        if (@default is null && matches.Count == 0)
            return Clear;
        return new UpstreamTransports(@default ?? RawBuffer.RawBufferUpstream.Instance, [.. matches]);
    }

    /// <summary>The one for connections to an endpoint. Any thread.</summary>
    public UpstreamTransportSocket For(Endpoint endpoint) =>
        For(endpoint.Metadata is { } metadata && metadata.FilterMetadata.TryGetValue(MetadataNamespace, out var fields) ? fields : null);

    /// <summary>The one for connections that fit these fields in place of an endpoint's metadata; null: none. Any thread.</summary>
    public UpstreamTransportSocket For(Struct? fields)
    {
        foreach (var match in _matches)
        {
            if (match.Fits(fields))
                return match.Socket;
        }

        return _default;
    }

    private sealed record Match(Struct Fields, UpstreamTransportSocket Socket)
    {
        /// <summary>Every field must be there with the same value; without fields every endpoint fits.</summary>
        public bool Fits(Struct? actual)
        {
            if (Fields.Fields.Count == 0)
                return true;
            if (actual is null)
                return false;
            foreach (var (name, value) in Fields.Fields)
            {
                if (!actual.Fields.TryGetValue(name, out var found) || !found.Equals(value))
                    return false;
            }

            return true;
        }
    }
}
