using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Secrets;
using TicketCase = Envoy.Extensions.TransportSockets.Tls.V3.DownstreamTlsContext.SessionTicketKeysTypeOneofCase;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>envoy.transport_sockets.tls of a filter chain: terminates TLS.</summary>
internal sealed class DownstreamTlsSocket : DownstreamTransportSocket
{
    private readonly DownstreamTlsContext _source;
    private readonly IReadOnlyList<string> _serverNames;
    private readonly CommonTls _common;
    private readonly SecretSource<TlsSessionTicketKeys>? _ticketKeys;
    private readonly Action<Connection, string>? _keyLog;
    private readonly Counter _notReady;
    private TlsContextSource _context = null!;

    private DownstreamTlsSocket(DownstreamTlsContext source, IReadOnlyList<string> serverNames, FactoryContext context, StatsScope scope)
    {
        _source = source;
        _serverNames = serverNames;
        _common = new CommonTls(source.CommonTlsContext, context, new TlsStats(scope));
        _ticketKeys = source.SessionTicketKeysTypeCase switch
        {
            TicketCase.SessionTicketKeys => new SecretSource<TlsSessionTicketKeys>("", source.SessionTicketKeys),
            TicketCase.SessionTicketKeysSdsSecretConfig => context.Secrets.FindTicketKeys(source.SessionTicketKeysSdsSecretConfig, context),
            _ => null,
        };
        _keyLog = TlsKeyLogFile.Open(source.CommonTlsContext?.KeyLog, context);
        var own = scope.Scope("server_ssl_socket_factory.");
        _notReady = own.Counter("downstream_context_secrets_not_ready");
        Updates = own.Counter("ssl_context_update_by_sds");
    }

    public override bool IsSecure => true;

    private Counter Updates { get; }

    /// <summary>Compiles; null, with findings, when it cannot be made.</summary>
    /// <param name="source">As configured.</param>
    /// <param name="serverNames">Those that its filter chain is for; none: any.</param>
    /// <param name="context">The services.</param>
    /// <param name="scope">The listener's statistics.</param>
    public static DownstreamTlsSocket? Create(DownstreamTlsContext source, IReadOnlyList<string> serverNames, FactoryContext context, StatsScope scope)
    {
        if (!OpenSsl.IsAvailable)
        {
            context.Config.Error(source, null, OpenSsl.MissingText);
            return null;
        }

        var socket = new DownstreamTlsSocket(source, serverNames, context, scope);
        socket.Check(context.Config);
        socket._context = new TlsContextSource(context, socket.Build, socket.OwnSecrets) { Updated = socket.Updates.Inc };
        socket._common.Follow(socket._context);
        if (socket._ticketKeys is { } keys)
            socket._context.Follow(keys);
        return socket;
    }

    public override bool TrySecure(Connection connection, long timeoutMs)
    {
        if (_context.Current is not { } context)
        {
            _notReady.Inc();
            return false;
        }

        connection.Secure(context.NewServerTransport(), timeoutMs);
        return true;
    }

    private void Check(ConfigContext config)
    {
        var common = _source.CommonTlsContext;
        if (common is null || common.TlsCertificates.Count + common.TlsCertificateSdsSecretConfigs.Count == 0)
            config.Error(_source, "common_tls_context", "No TLS certificates found for server context");
        else if (common.TlsCertificates.Count > 0 && common.TlsCertificateSdsSecretConfigs.Count > 0)
            config.Error(common, "tls_certificates", "SDS and non-SDS TLS certificates may not be mixed in server contexts");
        if ((_source.RequireClientCertificate ?? false) && !_common.HasValidation)
        {
            config.Warning(_source, "require_client_certificate",
                "client certificates are required but not verified: without a validation_context that has a trusted_ca, names or hashes, any certificate will do");
        }
        else if (_source.RequireClientCertificate is null && _common.HasValidation)
        {
            config.Warning(_source, "require_client_certificate", "a validation_context is given, but clients without a certificate are let in: set require_client_certificate");
        }
    }

    private IEnumerable<IMessage> OwnSecrets() => _ticketKeys is { IsDiscovered: false, Value: { } keys } ? _common.OwnSecrets().Append(keys) : _common.OwnSecrets();

    private BuiltTls? Build(ConfigContext config)
    {
        if (!_common.IsReady || _ticketKeys is { Value: null })
            return null;
        var certificates = _common.LoadCertificates(config);
        var verifier = _common.CompileVerifier(config);
        var clientCertificates = ClientCertificatesOf(verifier);
        var options = _common.Options(isServer: true, config) with
        {
            SessionContext = _common.SessionContext(certificates, verifier, clientCertificates, _serverNames),
            Certificates = certificates.ConvertAll(own => own.Certificate),
            ScansAllCertificates = _source.FullScanCertsOnSniMismatch ?? false,
            Verifier = verifier.Verifier,
            ClientCertificates = clientCertificates,
            ClientAuthorities = [.. verifier.Authorities.Select(static authority => authority.Store)],
            TicketKeys = TicketKeys(config),
            DisableTickets = _source.SessionTicketKeysTypeCase == TicketCase.DisableStatelessSessionResumption && _source.DisableStatelessSessionResumption,
            DisableSessionCache = _source.DisableStatefulSessionResumption,
            SessionTimeoutSeconds = _source.SessionTimeout?.Seconds ?? 0,
            PrefersClientCiphers = _source.PreferClientCiphers,
            OcspPolicy = Policy(certificates, config),
            KeyLog = _keyLog,
        };
        return _common.Noted(CommonTls.Build(options, certificates, verifier, _source, config));
    }

    private ClientCertificates ClientCertificatesOf(in CompiledVerifier verifier)
    {
        if ((_source.RequireClientCertificate ?? false) || verifier.RequiresCertificate)
            return ClientCertificates.Required;
        return verifier.Verifier is null ? ClientCertificates.NotAsked : ClientCertificates.Optional;
    }

    private OcspPolicy Policy(List<(Weft.Net.Tls.TlsCertificate Certificate, string Path)> certificates, ConfigContext config)
    {
        if (certificates.Exists(own => own.Certificate is { Info.RequiresStaple: true, Ocsp: null }))
            config.Error(_source.CommonTlsContext, "tls_certificates", "OCSP response is required for must-staple certificate");
        switch (_source.OcspStaplePolicy)
        {
            case DownstreamTlsContext.Types.OcspStaplePolicy.StrictStapling:
                return OcspPolicy.Strict;
            case DownstreamTlsContext.Types.OcspStaplePolicy.MustStaple:
                if (certificates.Exists(own => own.Certificate.Ocsp is null))
                    config.Error(_source, "ocsp_staple_policy", "Required OCSP response is missing from TLS context");
                return OcspPolicy.Must;
            default:
                return OcspPolicy.Lenient;
        }
    }

    private List<TicketKey> TicketKeys(ConfigContext config)
    {
        var keys = new List<TicketKey>();
        foreach (var key in _ticketKeys?.Value?.Keys ?? [])
        {
            if (TlsFiles.Read(key, config) is not { } data)
                continue;
            if (data.Length == TicketKey.Bytes)
                keys.Add(new TicketKey(data));
            else
                config.Error(key, null, $"Incorrect TLS session ticket key length. Length {data.Length}, expected length {TicketKey.Bytes}.");
        }

        return keys;
    }
}
