using Envoy.Extensions.TransportSockets.Tls.V3;
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
    private readonly CommonTls _common;
    private readonly SecretSource<TlsSessionTicketKeys>? _ticketKeys;
    private readonly Action<Connection, string>? _keyLog;
    private readonly Counter _notReady;
    private TlsContextSource _context = null!;

    private DownstreamTlsSocket(DownstreamTlsContext source, FactoryContext context, StatsScope scope)
    {
        _source = source;
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
    public static DownstreamTlsSocket? Create(DownstreamTlsContext source, FactoryContext context, StatsScope scope)
    {
        if (!OpenSsl.IsAvailable)
        {
            context.Config.Error(source, null, OpenSsl.MissingText);
            return null;
        }

        var socket = new DownstreamTlsSocket(source, context, scope);
        socket.Check(context.Config);
        socket._context = new TlsContextSource(context, socket.Build) { Updated = socket.Updates.Inc };
        socket._common.Follow(socket._context);
        if (socket._ticketKeys is { } keys)
            keys.Changed += socket._context.Rebuild;
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

    private BuiltTls? Build(ConfigContext config)
    {
        if (!_common.IsReady || _ticketKeys is { Value: null })
            return null;
        var certificates = _common.LoadCertificates(config);
        var verifier = _common.CompileVerifier(config);
        var options = _common.Options(isServer: true, config) with
        {
            Certificates = certificates.ConvertAll(own => own.Certificate),
            ScansAllCertificates = _source.FullScanCertsOnSniMismatch ?? false,
            Verifier = verifier.Verifier,
            ClientCertificates = (_source.RequireClientCertificate ?? false) || verifier.RequiresCertificate ? ClientCertificates.Required
                : verifier.Verifier is not null ? ClientCertificates.Optional
                : ClientCertificates.NotAsked,
            ClientAuthorities = verifier.Authorities,
            TicketKeys = TicketKeys(config),
            DisableTickets = _source.SessionTicketKeysTypeCase == TicketCase.DisableStatelessSessionResumption && _source.DisableStatelessSessionResumption,
            DisableSessionCache = _source.DisableStatefulSessionResumption,
            SessionTimeoutSeconds = _source.SessionTimeout?.Seconds ?? 0,
            OcspPolicy = Policy(certificates, config),
            KeyLog = _keyLog,
        };
        return _common.Noted(CommonTls.Build(options, certificates, _common.Validation, verifier.Authorities, _source, config));
    }

    private OcspPolicy Policy(List<(Weft.Net.Tls.TlsCertificate Certificate, string Path)> certificates, ConfigContext config)
    {
        switch (_source.OcspStaplePolicy)
        {
            case DownstreamTlsContext.Types.OcspStaplePolicy.StrictStapling:
                return OcspPolicy.Strict;
            case DownstreamTlsContext.Types.OcspStaplePolicy.MustStaple:
                if (certificates.Exists(own => own.Certificate.OcspResponse.Length == 0))
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
