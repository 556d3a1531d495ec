using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Streams;

namespace Weft.Proxy.TransportSockets;

/// <summary>What stands between a cluster's connections and their codecs, as configured. Immutable or swapped whole; shared by all workers.</summary>
public abstract class UpstreamTransportSocket
{
    /// <summary>Connections are encrypted.</summary>
    public virtual bool IsSecure => false;

    /// <summary>The upstream hears of the client, so clients share no connections.</summary>
    public virtual bool TellsClient => false;

    /// <summary>The upstream finds what filters share with it, so clients that share something else share no connections.</summary>
    public virtual bool SharesState => false;

    /// <summary>What a new connection needs; null for clear text. Worker thread.</summary>
    public abstract Transport? Create(in UpstreamTransportOptions options);

    /// <summary>Writes what a connection to an endpoint begins with, in clear, before anything else. Worker thread.</summary>
    public virtual void WriteFirst(Connection connection, Endpoint endpoint, in UpstreamTransportOptions options)
    {
    }
}

/// <summary>What one connection asks of its transport socket beyond what is configured.</summary>
public readonly record struct UpstreamTransportOptions
{
    public UpstreamTransportOptions()
    {
    }

    /// <summary>Name to ask for instead of the configured one (auto_sni); empty: the configured one.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>What the endpoint is called (auto_host_sni); empty when it has no name.</summary>
    public string EndpointName { get; init; } = "";

    /// <summary>Names of which the certificate must hold one (auto_san_validation), besides what is configured; empty: none.</summary>
    public IReadOnlyList<string> SubjectAltNames { get; init; } = [];

    /// <summary>ALPN when none is configured, each behind its length; null: none.</summary>
    public byte[]? FallbackProtocols { get; init; }

    /// <summary>ALPN in place of what is configured, each behind its length; null: what is configured.</summary>
    public byte[]? Protocols { get; init; }

    /// <summary>The client, for a PROXY protocol header; null when there is none.</summary>
    public ProxiedClient? Client { get; init; }

    /// <summary>Where the connection shall seem to come from; null: from this host.</summary>
    public UpstreamSource? Source { get; init; }

    /// <summary>What filters share with upstreams; null when there is nothing.</summary>
    public SharedFilterState? SharedState { get; init; }

    /// <summary>The same, with what a request wants.</summary>
    public UpstreamTransportOptions For(TransportKey? key) =>
        key is null ? this : this with { ServerName = key.ServerName, SubjectAltNames = key.SubjectAltNames, Client = key.Client, Source = key.Source, SharedState = key.Shared };
}
