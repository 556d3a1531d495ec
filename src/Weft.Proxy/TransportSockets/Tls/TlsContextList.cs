using Weft.Net.Tls;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>Every context of the process, for <c>/certs</c> and days_until_first_cert_expiring. Main thread.</summary>
internal sealed class TlsContextList
{
    private readonly List<TlsContextSource> _sources = [];

    public IEnumerable<BuiltTls> Built => _sources.Select(source => source.Built).OfType<BuiltTls>();

    public void Add(TlsContextSource source) => _sources.Add(source);

    public void Remove(TlsContextSource source) => _sources.Remove(source);

    /// <summary>Makes those anew whose files have changed.</summary>
    public void Reread()
    {
        foreach (var source in _sources.ToArray())
            source.Reread();
    }

    /// <summary>Of own certificates and trusted ones; those between them do not count, as in Envoy. Null without a certificate.</summary>
    public long? DaysUntilFirstExpires(DateTimeOffset now)
    {
        var days = Built.SelectMany(CertificatesOf).Select(certificate => (long?)certificate.DaysUntilExpiration(now));
        return days.Min();
    }

    /// <summary>Until the first OCSP response ends, 0 when one has; null without one.</summary>
    public long? SecondsUntilFirstOcspExpires(DateTimeOffset now)
    {
        var responses = Built.SelectMany(static built => built.Chains).Select(static chain => chain.Ocsp).OfType<OcspResponse>();
        return responses.Select(response => (long?)Math.Max(0, (long)(response.End - now).TotalSeconds)).Min();
    }

    private static IEnumerable<CertificateInfo> CertificatesOf(BuiltTls built) =>
        built.Chains.Select(static chain => chain.Certificates[0]).Concat(built.Authorities.SelectMany(static authority => authority.Certificates));
}
