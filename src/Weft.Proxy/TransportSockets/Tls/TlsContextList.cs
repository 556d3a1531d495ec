using Weft.Net.Tls;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>Every context of the process, for <c>/certs</c> and days_until_first_cert_expiring. Main thread.</summary>
internal sealed class TlsContextList
{
    private readonly List<TlsContextSource> _sources = [];

    public IEnumerable<BuiltTls> Built => _sources.Select(source => source.Built).OfType<BuiltTls>();

    public void Add(TlsContextSource source) => _sources.Add(source);

    public void Remove(TlsContextSource source) => _sources.Remove(source);

    /// <summary>Null without a certificate.</summary>
    public long? DaysUntilFirstExpires(DateTimeOffset now)
    {
        var days = Built.SelectMany(CertificatesOf).Select(certificate => (long?)certificate.DaysUntilExpiration(now));
        return days.Min();
    }

    /// <summary>Null without an OCSP response, 0 when one is over.</summary>
    public long? SecondsUntilFirstOcspEnds(DateTimeOffset now)
    {
        var ends = Built.SelectMany(static built => built.Chains).Select(static chain => chain.Ocsp?.End).Min();
        return ends is { } first ? Math.Max(0, (long)(first - now).TotalSeconds) : null;
    }

    private static IEnumerable<CertificateInfo> CertificatesOf(BuiltTls built) =>
        built.Chains.SelectMany(chain => chain.Certificates).Concat(built.Authority?.Certificates ?? []);
}
