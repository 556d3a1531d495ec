using System.Net.Security;
using System.Text;
using Weft.Proxy.Listeners.ListenerFilters.TlsInspector;

namespace Weft.Proxy.Tests.Listeners.ListenerFilters;

/// <summary>What is read from the first bytes of TLS clients, and of others.</summary>
public sealed class ClientHelloTests
{
    [Fact]
    public void Name_and_protocols_are_found_whatever_pieces_the_bytes_come_in()
    {
        var bytes = HelloOf("WWW.Example.com", "h2", "http/1.1");
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal(ClientHelloStatus.NeedsMore, ClientHello.Read(bytes.AsSpan(0, length), out _));
        Assert.Equal(ClientHelloStatus.Found, ClientHello.Read(bytes, out var hello));
        Assert.Equal("www.example.com", hello!.ServerName);
        Assert.Equal(["h2", "http/1.1"], hello.ApplicationProtocols);
    }

    [Fact]
    public void A_hello_spread_over_many_records_is_put_together()
    {
        var bytes = HelloOf("a.example");
        var split = new List<byte>();
        for (var at = 5; at < bytes.Length; at += 7)
        {
            var part = bytes[at..Math.Min(at + 7, bytes.Length)];
            split.AddRange([22, 3, 1, 0, (byte)part.Length, .. part]);
        }

        Assert.Equal(ClientHelloStatus.Found, ClientHello.Read([.. split], out var hello));
        Assert.Equal("a.example", hello!.ServerName);
        Assert.Equal(ClientHelloStatus.NeedsMore, ClientHello.Read([.. split[..^1]], out _));
    }

    [Fact]
    public void A_client_without_a_name_is_still_a_tls_client()
    {
        Assert.Equal(ClientHelloStatus.Found, ClientHello.Read(HelloOf(""), out var hello));
        Assert.Equal("", hello!.ServerName);
        Assert.Empty(hello.ApplicationProtocols);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\x16\x02\0\0\x05hello")]
    [InlineData("\x16\x03\x01\0\0")]
    [InlineData("\x16\x03\x01\0\x04\x02\0\0\0")]
    [InlineData("\x16\x03\x01\0\x04\x01\0\0\0")]
    [InlineData("\x16\x03\x01\0\x08\x01\0\0\x04\x03\x03\x00\x00")]
    public void Anything_else_is_no_tls_client(string bytes) =>
        Assert.Equal(ClientHelloStatus.NotTls, ClientHello.Read(Encoding.Latin1.GetBytes(bytes), out _));

    [Fact]
    public void A_name_with_a_nul_is_nobodys()
    {
        var bytes = HelloOf("a.example");
        var at = bytes.AsSpan().IndexOf("a.example"u8);
        bytes[at + 1] = 0;
        Assert.Equal(ClientHelloStatus.NotTls, ClientHello.Read(bytes, out _));
    }

    [Fact]
    public void A_length_beyond_its_part_is_malformed()
    {
        var bytes = HelloOf("a.example");
        var at = bytes.AsSpan().IndexOf("a.example"u8);
        bytes[at - 1] = 200;
        Assert.Equal(ClientHelloStatus.NotTls, ClientHello.Read(bytes, out _));
    }

    [Fact]
    public void A_hello_of_more_than_16_KB_is_too_large()
    {
        Assert.Equal(ClientHelloStatus.TooLarge, ClientHello.Read([22, 3, 1, 0x40, 0, 1, 0, 0x40, 0], out _));
        var tiny = new List<byte> { 22, 3, 1, 0, 4, 1, 0, 0x30, 0 };
        while (tiny.Count < 20_000)
            tiny.AddRange([22, 3, 1, 0, 1, 0]);
        Assert.Equal(ClientHelloStatus.TooLarge, ClientHello.Read([.. tiny], out _));
    }

    internal static byte[] HelloOf(string name, params string[] protocols)
    {
        using var capture = new CaptureStream();
        using var tls = new SslStream(capture);
        var options = new SslClientAuthenticationOptions { TargetHost = name, ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))] };
        Assert.ThrowsAny<IOException>(() => tls.AuthenticateAsClient(options));
        return capture.Written.ToArray();
    }

    /// <summary>Takes what is written and ends when it is read from.</summary>
    private sealed class CaptureStream : Stream
    {
        public MemoryStream Written { get; } = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Written.Write(buffer, offset, count);
    }
}
