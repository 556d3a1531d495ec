using System.Text;
using Weft.Http.Urls;

namespace Weft.Http.Tests.Urls;

public sealed class AuthorityTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("a.example", true)]
    [InlineData("a_b.example:80", true)]
    [InlineData("a:", true)]
    [InlineData("127.0.0.1:65535", true)]
    [InlineData("[::1]", true)]
    [InlineData("[fe80::1%25eth0]:443", true)]
    [InlineData("x%20y", true)]
    [InlineData("a:65536", false)]
    [InlineData("a:-1", false)]
    [InlineData("a: 1", false)]
    [InlineData("[::1", false)]
    [InlineData("::1]", false)]
    [InlineData("[]", false)]
    [InlineData("[::1]x", false)]
    [InlineData("a[::1]", false)]
    [InlineData("a:b:80", false)]
    [InlineData("u@a", false)]
    [InlineData("a,b", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("a\\b", false)]
    [InlineData("a?b", false)]
    [InlineData("a#b", false)]
    [InlineData("a\u00e4", false)]
    public void Validity_is_that_of_a_host_and_port(string authority, bool valid) => Assert.Equal(valid, Authority.IsValid(Wire.Bytes(authority)));

    [Theory]
    [InlineData("a:80", true)]
    [InlineData("[::1]:1", true)]
    [InlineData("a:0", false)]
    [InlineData("a", false)]
    [InlineData("a:", false)]
    [InlineData(":80", false)]
    public void Connect_needs_both(string authority, bool valid) => Assert.Equal(valid, Authority.IsHostAndPort(Wire.Bytes(authority)));

    [Theory]
    [InlineData("a:80", PortStripping.None, false, "a:80", -1)]
    [InlineData("a:80", PortStripping.Any, false, "a", 80)]
    [InlineData("a:80", PortStripping.Matching, false, "a", 80)]
    [InlineData("a:81", PortStripping.Matching, false, "a:81", -1)]
    [InlineData("a:81", PortStripping.Any, false, "a", 81)]
    [InlineData("a:", PortStripping.Any, false, "a:", -1)]
    [InlineData("[::1]", PortStripping.Any, false, "[::1]", -1)]
    [InlineData("[::1]:80", PortStripping.Any, false, "[::1]", 80)]
    [InlineData("a.", PortStripping.None, true, "a", -1)]
    [InlineData("a.:80", PortStripping.None, true, "a:80", -1)]
    [InlineData("a.b.:80", PortStripping.Any, true, "a.b", 80)]
    [InlineData("a.b:80", PortStripping.None, true, "a.b:80", -1)]
    [InlineData("a", PortStripping.Any, true, "a", -1)]
    public void Host_is_stripped_as_configured(string authority, PortStripping ports, bool dot, string expected, int port)
    {
        var headers = HeaderMapTests.Of($":authority={authority}", "x=1");
        Assert.Equal(port, Authority.Apply(headers, ports, listenerPort: 80, dot));
        Assert.Equal(expected, Encoding.Latin1.GetString(headers.Get(KnownHeader.Authority)));
        Assert.Equal("1"u8, headers.Get(new HeaderName("x")));
    }
}
