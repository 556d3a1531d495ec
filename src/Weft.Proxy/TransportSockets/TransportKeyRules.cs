using System.Text;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Streams;
using UpstreamHttpProtocolOptions = Envoy.Config.Core.V3.UpstreamHttpProtocolOptions;

namespace Weft.Proxy.TransportSockets;

/// <summary>
/// upstream_http_protocol_options, PROXY headers, shared filter state: what requests of a cluster want of their connections. Immutable; making a key allocates, which
/// clusters without any of it never do. Any thread.
/// </summary>
internal sealed class TransportKeyRules
{
    private readonly bool _autoSni;
    private readonly bool _autoSan;
    private readonly bool _tellsClient;
    private readonly bool _sharesState;
    private readonly HeaderName? _nameHeader;

    private TransportKeyRules(UpstreamHttpProtocolOptions? options, UpstreamTransports transports)
    {
        _autoSni = options?.AutoSni ?? false;
        _autoSan = options?.AutoSanValidation ?? false;
        _tellsClient = transports.TellsClient;
        _sharesState = transports.SharesState;
        _nameHeader = options is { OverrideAutoSniHeader.Length: > 0 } ? new HeaderName(options.OverrideAutoSniHeader.ToLowerInvariant()) : null;
    }

    /// <summary>Null when all requests want the same.</summary>
    public static TransportKeyRules? Create(UpstreamHttpProtocolOptions? options, UpstreamTransports transports) =>
        options is { AutoSni: true } or { AutoSanValidation: true } || transports.TellsClient || transports.SharesState ? new TransportKeyRules(options, transports) : null;

    /// <param name="headers">The request's.</param>
    /// <param name="info">The client's request; null when there is none (a mirrored request, a call of our own).</param>
    public TransportKey KeyOf(HeaderMap headers, StreamInfo? info)
    {
        var name = _autoSni || _autoSan ? NameOf(headers) : "";
        return new TransportKey(
            // RFC 6066 section 3: an address is no server name.
            _autoSni && !NetAddress.TryParseIP(name, 0, out _) ? name : "",
            _autoSan ? name : "",
            _tellsClient && info is not null ? ProxiedClient.Of(info) : null,
            Shared: _sharesState && info is not null ? SharedFilterState.Of(info.FilterState) : null);
    }

    /// <summary>The host without its port, from the configured header or :authority.</summary>
    private string NameOf(HeaderMap headers)
    {
        if (_nameHeader is not { } header || !headers.TryGet(header, out var value) || value.IsEmpty)
            value = headers.Get(KnownHeader.Authority);
        var colon = value.LastIndexOf((byte)':');
        if (colon > value.LastIndexOf((byte)']'))
            value = value[..colon];
        return Encoding.ASCII.GetString(value.TrimStart((byte)'[').TrimEnd((byte)']')).ToLowerInvariant();
    }
}
