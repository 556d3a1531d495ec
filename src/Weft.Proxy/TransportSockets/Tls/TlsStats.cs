using Weft.Base.Stats;
using Weft.Net.Tls;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>The statistics <c>ssl.*</c> of a listener or cluster, under Envoy's names. Counting: any worker.</summary>
internal sealed class TlsStats : TlsObserver
{
    private readonly Counter _connectionError;
    private readonly Counter _handshake;
    private readonly Counter _sessionReused;
    private readonly Counter _noCertificate;
    private readonly Counter _failVerifyNoCert;
    private readonly Counter _ocspRequests;
    private readonly Counter _ocspResponses;
    private readonly Counter _ocspFailed;
    private readonly Counter _ocspOmitted;
    private readonly CounterFamily _agreed;
    private readonly Dictionary<string, Gauge> _expiries = new(StringComparer.Ordinal);

    public TlsStats(StatsScope scope)
    {
        Scope = scope.Scope("ssl.");
        _connectionError = Scope.Counter("connection_error");
        _handshake = Scope.Counter("handshake");
        _sessionReused = Scope.Counter("session_reused");
        _noCertificate = Scope.Counter("no_certificate");
        _failVerifyNoCert = Scope.Counter("fail_verify_no_cert");
        FailVerifyError = Scope.Counter("fail_verify_error");
        FailVerifySan = Scope.Counter("fail_verify_san");
        FailVerifyCertHash = Scope.Counter("fail_verify_cert_hash");
        _ocspFailed = Scope.Counter("ocsp_staple_failed");
        _ocspOmitted = Scope.Counter("ocsp_staple_omitted");
        _ocspResponses = Scope.Counter("ocsp_staple_responses");
        _ocspRequests = Scope.Counter("ocsp_staple_requests");
        Scope.Counter("was_key_usage_invalid");
        _agreed = Scope.Counters(TlsStatNames.Names);
    }

    public StatsScope Scope { get; }

    public Counter FailVerifyError { get; }

    public Counter FailVerifySan { get; }

    public Counter FailVerifyCertHash { get; }

    /// <summary>A context is made with a certificate. Main thread.</summary>
    public void NoteExpiry(string name, CertificateInfo certificate)
    {
        if (!_expiries.TryGetValue(name, out var gauge))
            _expiries[name] = gauge = Scope.Gauge($"certificate.{name}.expiration_unix_time_seconds");
        gauge.Set(certificate.NotAfter.ToUnixTimeSeconds());
    }

    public override void OnHandshake(TlsFacts facts)
    {
        _handshake.Inc();
        if (facts.IsResumed)
            _sessionReused.Inc();
        if (!facts.HasPeerCertificate)
            _noCertificate.Inc();
        Count(TlsStatNames.Cipher(facts.Cipher));
        Count(TlsStatNames.Version(facts.Version));
        Count(TlsStatNames.Curve(facts.Group));
        Count(TlsStatNames.Signature(facts.PeerSignature));
    }

    public override void OnFailure(TlsFailure failure)
    {
        if (failure == TlsFailure.NoCertificate)
            _failVerifyNoCert.Inc();
        else if (failure == TlsFailure.Protocol)
            _connectionError.Inc();
    }

    public override void OnOcspRequest(bool stapled, bool failed)
    {
        _ocspRequests.Inc();
        (stapled ? _ocspResponses : failed ? _ocspFailed : _ocspOmitted).Inc();
    }

    private void Count(int member)
    {
        if (member >= 0)
            _agreed[member].Inc();
    }
}
