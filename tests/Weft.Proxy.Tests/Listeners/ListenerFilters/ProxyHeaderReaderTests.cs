using System.Text;
using Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;

namespace Weft.Proxy.Tests.Listeners.ListenerFilters;

/// <summary>PROXY protocol headers of both versions, good and bad.</summary>
public sealed class ProxyHeaderReaderTests
{
    private static readonly byte[] s_signature = [.. "\r\n\r\n\0\r\nQUIT\n"u8];

    [Theory]
    [InlineData("PROXY TCP4 1.2.3.4 253.253.253.253 65535 1234\r\nmore", "1.2.3.4:65535", "253.253.253.253:1234")]
    [InlineData("PROXY TCP6 1:2:3::4 5:6::7:8 65535 1234\r\nmore", "[1:2:3::4]:65535", "[5:6::7:8]:1234")]
    public void Version_1_names_both_ends(string text, string source, string destination)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        var header = Found(bytes);
        Assert.Equal((1, bytes.Length - 4, source, destination), (header.Version, header.Length, header.Source.ToString(), header.Destination.ToString()));
        for (var length = 0; length < bytes.Length - 4; length++)
            Assert.Equal(ProxyHeaderStatus.NeedsMore, ProxyHeaderReader.Read(bytes.AsSpan(0, length), out _, out _));
    }

    [Fact]
    public void Version_1_may_know_nothing()
    {
        Assert.True(Found("PROXY UNKNOWN\r\n"u8.ToArray()).IsLocal);
        Assert.True(Found("PROXY UNKNOWN 1::1 2::2 1 2\r\n"u8.ToArray()).IsLocal);
    }

    [Theory]
    [InlineData("PROXY TCP4 1.2.3.4 253.253.253.253 65536 1234\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 253.253.253.253 -1 1234\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 253.253.253.253 01 1234\r\n")]
    [InlineData("PROXY TCP4 1.2.3 253.253.253.253 1 1234\r\n")]
    [InlineData("PROXY TCP4 1::2 253.253.253.253 1 1234\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n")]
    [InlineData("PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY \r\n")]
    public void A_bad_line_of_version_1_is_malformed(string text) =>
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeaderReader.Read(Encoding.ASCII.GetBytes(text), out _, out _));

    [Fact]
    public void A_line_of_more_than_107_bytes_is_malformed()
    {
        var text = "PROXY UNKNOWN " + new string('x', 93);
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeaderReader.Read(Encoding.ASCII.GetBytes(text), out _, out var version));
        Assert.Equal(0, version);
        Assert.Equal(ProxyHeaderStatus.NeedsMore, ProxyHeaderReader.Read(Encoding.ASCII.GetBytes(text[..106]), out _, out _));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PROXIED")]
    [InlineData("\r\n\r\n\0\r\nQUIX\n")]
    [InlineData("\x16\x03\x01")]
    public void Other_bytes_are_no_header(string text) =>
        Assert.Equal(ProxyHeaderStatus.NotFound, ProxyHeaderReader.Read(Encoding.Latin1.GetBytes(text), out _, out _));

    [Fact]
    public void Version_2_names_both_ends_and_carries_values()
    {
        byte[] bytes = [.. s_signature, 0x21, 0x11, 0, 12 + 5 + 3, 1, 2, 3, 4, 0, 1, 1, 2, 3, 5, 0, 2, 2, 0, 2, (byte)'h', (byte)'i', 0xea, 0, 0, 9];
        var header = Found(bytes);
        Assert.Equal((2, 36, "1.2.3.4:773", "0.1.1.2:2"), (header.Version, header.Length, header.Source.ToString(), header.Destination.ToString()));
        Assert.Equal(((byte)2, "hi"), (header.Tlvs[0].Type, Encoding.ASCII.GetString(header.Tlvs[0].Value)));
        Assert.Equal((0xea, 0), (header.Tlvs[1].Type, header.Tlvs[1].Value.Length));
        for (var length = 0; length < 36; length++)
            Assert.Equal(ProxyHeaderStatus.NeedsMore, ProxyHeaderReader.Read(bytes.AsSpan(0, length), out _, out _));
    }

    [Theory]
    [InlineData(0x12, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 0, 10 }, "1.2.3.4:9", "5.6.7.8:10")]
    [InlineData(0x22, new byte[] { 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 9, 0, 10 }, "[1::2]:9", "[3::4]:10")]
    public void A_header_of_version_2_may_speak_of_datagrams(byte family, byte[] addresses, string source, string destination)
    {
        var header = Found([.. s_signature, 0x21, family, 0, (byte)addresses.Length, .. addresses]);
        Assert.Equal((source, destination, false), (header.Source.ToString(), header.Destination.ToString(), header.IsLocal));
    }

    [Fact]
    public void A_local_header_of_version_2_says_nothing_about_the_client()
    {
        var header = Found([.. s_signature, 0x20, 0x00, 0, 4, 9, 9, 9, 9, 1]);
        Assert.Equal((true, 20), (header.IsLocal, header.Length));
        Assert.Empty(header.Tlvs);
    }

    [Theory]
    [InlineData(0x11, 0x11, 12)]
    [InlineData(0x22, 0x11, 12)]
    [InlineData(0x21, 0x31, 216)]
    [InlineData(0x21, 0x10, 12)]
    [InlineData(0x21, 0x13, 12)]
    [InlineData(0x21, 0x12, 11)]
    [InlineData(0x21, 0x00, 0)]
    [InlineData(0x21, 0x11, 11)]
    [InlineData(0x21, 0x21, 35)]
    [InlineData(0x21, 0x11, 14)]
    public void A_bad_header_of_version_2_is_malformed(byte command, byte family, int length)
    {
        byte[] bytes = [.. s_signature, command, family, (byte)(length >> 8), (byte)length, .. new byte[length]];
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeaderReader.Read(bytes, out _, out _));
    }

    [Fact]
    public void A_value_that_runs_over_the_end_is_malformed()
    {
        byte[] bytes = [.. s_signature, 0x21, 0x11, 0, 12 + 4, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 0, 2, 2, 0, 9, 1];
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeaderReader.Read(bytes, out _, out _));
    }

    private static ProxyHeader Found(byte[] bytes)
    {
        Assert.Equal(ProxyHeaderStatus.Found, ProxyHeaderReader.Read(bytes, out var header, out _));
        return header!;
    }
}
