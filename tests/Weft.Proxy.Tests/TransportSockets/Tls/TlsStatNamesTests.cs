using Weft.Base.Stats;
using Weft.Proxy.TransportSockets.Tls;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

public sealed class TlsStatNamesTests
{
    [Fact]
    public void What_is_agreed_on_is_counted_by_its_name_in_Envoy_and_as_unknown_where_that_has_none()
    {
        Assert.Equal("ciphers.TLS_AES_128_GCM_SHA256", Name(TlsStatNames.Cipher("TLS_AES_128_GCM_SHA256")));
        Assert.Equal("ciphers.unknown_ssl_cipher", Name(TlsStatNames.Cipher("DHE-RSA-AES128-SHA")));
        Assert.Equal("versions.TLSv1.3", Name(TlsStatNames.Version("TLSv1.3")));
        Assert.Equal("versions.unknown_ssl_version", Name(TlsStatNames.Version("TLSv1.4")));
        Assert.Equal("curves.P-256", Name(TlsStatNames.Curve("secp256r1")));
        Assert.Equal("curves.unknown_ssl_curve", Name(TlsStatNames.Curve("ffdhe2048")));
        Assert.Equal("sigalgs.ed25519", Name(TlsStatNames.Signature("ed25519")));
        Assert.Equal("sigalgs.unknown_ssl_algorithm", Name(TlsStatNames.Signature("mldsa44")));
        Assert.Equal((-1, -1), (TlsStatNames.Curve(""), TlsStatNames.Signature("")));
    }

    /// <summary>What is listed once a member was counted.</summary>
    private static string Name(int member)
    {
        var store = new StatsStore();
        store.Scope("").Counters(TlsStatNames.Names)[member].Inc();
        var all = new List<Statistic>();
        store.List(all);
        return Assert.Single(all).Name;
    }
}
