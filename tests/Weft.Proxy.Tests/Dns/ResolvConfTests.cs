using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Dns;

public sealed class ResolvConfTests
{
    [Fact]
    public void Everything_that_a_usual_file_says_is_read()
    {
        var conf = ResolvConf.Parse("""
            # made by hand
            ; another comment
            domain ignored.test
            nameserver 10.0.0.53
            nameserver fd00::53
            search ns.svc.cluster.local   svc.cluster.local
            options ndots:5 timeout:1 attempts:4 rotate edns0
            """);
        Assert.Equal(["10.0.0.53", "fd00::53"], conf.Nameservers.Select(n => n.ToString()));
        Assert.Equal(["ns.svc.cluster.local", "svc.cluster.local"], conf.Search);
        Assert.Equal(5, conf.Ndots);
        Assert.Equal(1_000, conf.TimeoutMs);
        Assert.Equal(4, conf.Attempts);
        Assert.True(conf.Rotate);
        Assert.False(conf.HasOnlyDefaultNameserver);
    }

    [Fact]
    public void An_empty_file_means_the_server_on_this_machine()
    {
        var conf = ResolvConf.Parse("");
        Assert.Equal("127.0.0.1", Assert.Single(conf.Nameservers).ToString());
        Assert.True(conf.HasOnlyDefaultNameserver);
        Assert.Equal(1, conf.Ndots);
        Assert.Empty(conf.Search);
    }

    [Fact]
    public void Nonsense_is_passed_over_and_numbers_are_kept_within_limits()
    {
        var conf = ResolvConf.Parse("nameserver dns.example\nnameserver\noptions ndots:x timeout:0 attempts:99 ndots:99 :\nfoo bar\nsearch\n");
        Assert.True(conf.HasOnlyDefaultNameserver);
        Assert.Equal(15, conf.Ndots);
        Assert.Equal(1_000, conf.TimeoutMs);
        Assert.Equal(5, conf.Attempts);
    }
}
