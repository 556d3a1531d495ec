using System.Net;
using System.Text;

namespace Weft.Net.Tests;

public sealed class NetAddressTests
{
    [Theory]
    [InlineData("1.2.3.4", "1.2.3.4:80")]
    [InlineData("255.255.255.255", "255.255.255.255:80")]
    [InlineData("::", "[::]:80")]
    [InlineData("::1", "[::1]:80")]
    [InlineData("2001:DB8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]:80")]
    [InlineData("2001:db8:0:1:1:1:1:1", "[2001:db8:0:1:1:1:1:1]:80")]
    [InlineData("1:0:0:2:0:0:0:3", "[1:0:0:2::3]:80")]
    [InlineData("fe80::", "[fe80::]:80")]
    [InlineData("::ffff:1.2.3.4", "[::ffff:1.2.3.4]:80")]
    public void An_ip_address_prints_in_its_shortest_form_with_port(string text, string expected)
    {
        Assert.True(NetAddress.TryParseIP(text, 80, out var address));
        Assert.Equal(expected, address.ToString());
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("1.2.3")]
    [InlineData("1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("1.2.3.4:80")]
    [InlineData("")]
    public void Anything_but_a_whole_literal_is_no_ip_address(string text) =>
        Assert.False(NetAddress.TryParseIP(text, 80, out _));

    [Theory]
    [InlineData("1.2.3.4", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("2001:db8::7", true)]
    [InlineData("256.1.1.1", false)]
    [InlineData("01.2.3.4", false)]
    [InlineData("1.2.3.", false)]
    [InlineData("1.2.3.4.5", false)]
    [InlineData("1.2.3.4 ", false)]
    [InlineData("1.2..4", false)]
    [InlineData("1.2.3.4:80", false)]
    [InlineData("[::1]", false)]
    [InlineData(":", false)]
    [InlineData("", false)]
    public void An_address_in_a_header_is_a_whole_literal(string text, bool valid)
    {
        Assert.Equal(valid, NetAddress.TryParseIP(Encoding.ASCII.GetBytes(text), out var address));
        Assert.Equal(valid ? text : "", address.Kind == NetAddressKind.None ? "" : address.ToIPAddress().ToString());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65_536)]
    public void A_port_out_of_range_is_refused(int port) =>
        Assert.False(NetAddress.TryParseIP("1.2.3.4", port, out _));

    [Fact]
    public void Format_without_port_gives_the_bare_address_and_allocates_nothing()
    {
        var buffer = new byte[NetAddress.MaxTextBytes];
        NetAddress.TryParseIP("2001:db8::ff", 443, out var address);
        var count = 0;
        Assert.Equal(0, Allocations.Of(() => count = address.Format(buffer, withPort: false)));
        Assert.Equal("2001:db8::ff", Encoding.UTF8.GetString(buffer, 0, count));
    }

    [Fact]
    public void Unix_addresses_print_their_path()
    {
        Assert.Equal("/tmp/x.sock", NetAddress.FromUnixPath("/tmp/x.sock").ToString());
        Assert.Equal("@name", NetAddress.FromUnixPath("@name").ToString());
        Assert.Equal(0, NetAddress.FromUnixPath("@name", mode: 0x1B6).Port);
    }

    [Theory]
    [InlineData("127.0.0.1", true, true)]
    [InlineData("127.255.0.9", true, true)]
    [InlineData("::1", true, true)]
    [InlineData("10.1.2.3", false, true)]
    [InlineData("172.16.0.1", false, true)]
    [InlineData("172.31.255.255", false, true)]
    [InlineData("172.32.0.1", false, false)]
    [InlineData("192.168.4.4", false, true)]
    [InlineData("192.169.4.4", false, false)]
    [InlineData("fd00::1", false, true)]
    [InlineData("fc12::1", false, true)]
    [InlineData("fe80::1", false, false)]
    [InlineData("8.8.8.8", false, false)]
    public void Loopback_and_internal_ranges_are_told(string text, bool loopback, bool isInternal)
    {
        NetAddress.TryParseIP(text, 0, out var address);
        Assert.Equal(loopback, address.IsLoopback);
        Assert.Equal(isInternal, address.IsInternal);
    }

    [Fact]
    public void A_unix_address_is_neither_loopback_nor_internal()
    {
        Assert.False(NetAddress.FromUnixPath("/x").IsLoopback);
        Assert.False(NetAddress.FromUnixPath("/x").IsInternal);
    }

    [Fact]
    public void Equality_is_by_kind_address_and_port()
    {
        var a = NetAddress.FromIP(IPAddress.Parse("1.2.3.4"), 80);
        Assert.Equal(a, NetAddress.FromIP(IPAddress.Parse("1.2.3.4"), 80));
        Assert.Equal(a.GetHashCode(), NetAddress.FromIP(IPAddress.Parse("1.2.3.4"), 80).GetHashCode());
        Assert.NotEqual(a, a.WithPort(81));
        Assert.NotEqual(a, NetAddress.FromIP(IPAddress.Parse("1.2.3.5"), 80));
        Assert.NotEqual(default, NetAddress.FromIP(IPAddress.Any, 0));
        Assert.NotEqual(NetAddress.FromUnixPath("/a"), NetAddress.FromUnixPath("/b"));
    }

    [Theory]
    [InlineData("1.2.3.4")]
    [InlineData("2001:db8::1")]
    public void An_address_survives_the_way_to_IPAddress_and_back(string text)
    {
        var ip = IPAddress.Parse(text);
        Assert.Equal(ip, NetAddress.FromIP(ip, 1).ToIPAddress());
    }
}
