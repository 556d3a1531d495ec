using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>envoy.transport_sockets.tls of a cluster: originates TLS.</summary>
internal sealed class UpstreamTlsSocket : UpstreamTransportSocket
{
    private readonly UpstreamTlsContext _source;
    private readonly CommonTls _common;
    private readonly Action<Connection, string>? _keyLog;
    private readonly Counter _notReady;
    private readonly Counter _updates;
    private TlsContextSource _context = null!;

    private UpstreamTlsSocket(UpstreamTlsContext source, FactoryContext context, StatsScope scope)
    {
        _source = source;
        _common = new CommonTls(source.CommonTlsContext, context, new TlsStats(scope));
        _keyLog = TlsKeyLogFile.Open(source.CommonTlsContext?.KeyLog, context);
        var own = scope.Scope("client_ssl_socket_factory.");
        _notReady = own.Counter("upstream_context_secrets_not_ready");
        _updates = own.Counter("ssl_context_update_by_sds");
    }

    public override bool IsSecure => true;

    /// <summary>Compiles; null, with findings, when it cannot be made.</summary>
    public static UpstreamTlsSocket? Create(UpstreamTlsContext source, FactoryContext context, StatsScope scope)
    {
        if (!OpenSsl.IsAvailable)
        {
            context.Config.Error(source, null, OpenSsl.MissingText);
            return null;
        }

        var socket = new UpstreamTlsSocket(source, context, scope);
        if (source.Sni.Contains('\0', StringComparison.Ordinal))
            context.Config.Error(source, "sni", "SNI names containing NULL-byte are not allowed");
        if (socket._common.CertificateCount > 1)
            context.Config.Error(source.CommonTlsContext, "tls_certificates", "Multiple TLS certificates are not supported for client contexts");
        socket._context = new TlsContextSource(context, socket.Build, socket._common.OwnSecrets) { Updated = socket._updates.Inc };
        socket._common.Follow(socket._context);
        return socket;
    }

    public override Transport? Create(in UpstreamTransportOptions options)
    {
        if (_context.Current is not { } context)
        {
            _notReady.Inc();
            return new NotReadyTransport();
        }

        var name = NameFor(options);
        // What a request demands comes before what this asks for.
        var demandsOwnName = _source.AutoSniSanValidation && name.Length > 0 && options.SubjectAltNames.Count == 0;
        return context.NewClientTransport(new TlsClientOptions
        {
            ServerName = name,
            ExpectedNames = demandsOwnName ? [name] : options.SubjectAltNames,
            OnlyExpectedNames = demandsOwnName,
            ApplicationProtocols = options.Protocols ?? ((_source.CommonTlsContext?.AlpnProtocols.Count ?? 0) == 0 ? options.FallbackProtocols : null),
        });
    }

    /// <summary>The name of the request (auto_sni), of the endpoint (auto_host_sni), or the configured one.</summary>
    private string NameFor(in UpstreamTransportOptions options)
    {
        if (options.ServerName.Length > 0)
            return options.ServerName;
        return _source.AutoHostSni && options.EndpointName.Length > 0 ? options.EndpointName : _source.Sni;
    }

    private void CheckNames(in CompiledVerifier verifier, ConfigContext config)
    {
        if (!_source.AutoSniSanValidation)
            return;
        if (!_common.HasValidation)
            config.Error(_source, "auto_sni_san_validation", "'auto_sni_san_validation' was configured without a validation context");
        else if (verifier.Authorities is [])
            config.Error(_source, "auto_sni_san_validation", "'auto_sni_san_validation' was configured without configuring a trusted CA");
    }

    private BuiltTls? Build(ConfigContext config)
    {
        if (!_common.IsReady)
            return null;
        var certificates = _common.LoadCertificates(config);
        var verifier = _common.CompileVerifier(config);
        CheckNames(verifier, config);
        var options = _common.Options(isServer: false, config) with
        {
            Certificates = certificates.ConvertAll(own => own.Certificate),
            Verifier = verifier.Verifier,
            AllowsRenegotiation = _source.AllowRenegotiation,
            MaxSessions = (int)Math.Min(_source.MaxSessionKeys ?? 1, 1000),
            KeyLog = _keyLog,
        };
        return _common.Noted(CommonTls.Build(options, certificates, verifier, _source, config));
    }
}
