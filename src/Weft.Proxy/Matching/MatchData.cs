using System.Runtime.CompilerServices;
using Weft.Http;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Matching;

/// <summary>What inputs read from: a request with its connection, a connection that has no filter chain yet, or the name of a statistic.</summary>
internal readonly ref struct MatchData
{
    private readonly ref readonly FilterChainMatchInput _connection;

    /// <summary>A request, or a connection with a filter chain.</summary>
    public MatchData(StreamInfo info, RuntimeSnapshot runtime) => (Info, Runtime) = (info, runtime);

    /// <summary>A connection before its filter chain is chosen.</summary>
    public MatchData(ref readonly FilterChainMatchInput connection, RuntimeSnapshot runtime)
    {
        _connection = ref connection;
        Runtime = runtime;
    }

    public RuntimeSnapshot Runtime { get; }

    /// <summary>Null where only the connection is known.</summary>
    public StreamInfo? Info { get; }

    /// <summary>Null where there is none, or not yet; the same for the next three.</summary>
    public HeaderMap? RequestHeaders { get; init; }

    public HeaderMap? RequestTrailers { get; init; }

    public HeaderMap? ResponseHeaders { get; init; }

    public HeaderMap? ResponseTrailers { get; init; }

    /// <summary>Of a statistic; empty where none is asked about.</summary>
    public ReadOnlySpan<char> StatName { get; init; }

    /// <summary>Gets a line for every step, for a person; null on the path of requests.</summary>
    public List<string>? Trail { get; init; }

    /// <summary>Where the client wanted to go.</summary>
    public NetAddress LocalAddress => Info is { } info ? info.DownstreamLocalAddress : _connection.LocalAddress;

    public NetAddress RemoteAddress => Info is { } info ? info.DownstreamRemoteAddress : _connection.RemoteAddress;

    public NetAddress DirectRemoteAddress => Info is { } info ? info.DownstreamDirectRemoteAddress : _connection.DirectRemoteAddress;

    /// <summary>What the client asked for in its TLS hello; empty when it named none.</summary>
    public string ServerName => (Info is { } info ? info.RequestedServerName : _connection.ServerName) ?? "";

    /// <summary>Empty where it is no longer known.</summary>
    public string TransportProtocol => IsBeforeChain ? _connection.TransportProtocol : "";

    /// <summary>What the client offers; empty where that is no longer known.</summary>
    public IReadOnlyList<string> ApplicationProtocols => IsBeforeChain ? _connection.ApplicationProtocols : [];

    /// <summary>The client's handshake; null in clear text, and before there was one.</summary>
    public TlsFacts? Tls => Info?.DownstreamTls;

    private bool IsBeforeChain => !Unsafe.IsNullRef(in _connection);
}
