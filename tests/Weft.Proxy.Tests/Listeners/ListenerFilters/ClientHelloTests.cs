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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_fingerprint_is_that_of_what_is_offered_and_not_of_values_drawn_at_random(bool hasGrease)
    {
        // The example of those who defined JA3: 769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0
        byte[] suites = [0, 47, 0, 53, 0, 5, 0, 10, 0xC0, 9, 0xC0, 10, 0xC0, 19, 0xC0, 20, 0, 50, 0, 56, 0, 19, 0, 4];
        byte[] groups = [0, 23, 0, 24, 0, 25];
        byte[] grease = hasGrease ? [0x5A, 0x5A] : [];
        byte[] name = [0, 0, 0, 6, 0, 4, 0, 0, 1, (byte)'a'];
        byte[] extensions = [.. hasGrease ? (byte[])[0xAA, 0xAA, 0, 0] : [], .. name, 0, 10, 0, (byte)(groups.Length + grease.Length + 2), 0, (byte)(groups.Length + grease.Length), .. grease, .. groups, 0, 11, 0, 2, 1, 0];
        byte[] body = [3, 1, .. new byte[32], 0, 0, (byte)(suites.Length + grease.Length), .. grease, .. suites, 1, 0, 0, (byte)extensions.Length, .. extensions];
        byte[] record = [22, 3, 1, 0, (byte)(body.Length + 4), 1, 0, 0, (byte)body.Length, .. body];
        Assert.Equal(ClientHelloStatus.Found, ClientHello.Read(record, out var hello, withJa3: true));
        Assert.Equal("ada70206e40642a3e4461f35503241d5", hello!.Ja3Fingerprint);
        Assert.Equal(ClientHelloStatus.Found, ClientHello.Read(record, out hello));
        Assert.Null(hello!.Ja3Fingerprint);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void The_newer_fingerprint_does_not_depend_on_the_order_either(bool hasGrease, bool isReversed)
    {
        // Hashes of "0004,0005,000a,0013,002f,0032,0035,0038,c009,c00a,c013,c014" and of "000a,000b,000d,002b_0403,0804", by hand.
        int[] suites = [47, 53, 5, 10, 0xC009, 0xC00A, 0xC013, 0xC014, 50, 56, 19, 4];
        List<(int, byte[])> extensions =
        [
            (0, [0, 4, 0, 0, 1, (byte)'a']), (10, [0, 2, 0, 23]), (11, [1, 0]), (13, [0, 4, 4, 3, 8, 4]), (16, [0, 3, 2, (byte)'h', (byte)'2']), (43, [6, 0xFA, 0xFA, 3, 3, 3, 4]),
        ];
        if (isReversed)
        {
            Array.Reverse(suites);
            extensions.Reverse();
        }

        var bytes = HelloWith(hasGrease ? [0x5A5A, .. suites] : suites, hasGrease ? [(0xAAAA, []), .. extensions] : extensions);
        Assert.Equal(ClientHelloStatus.Found, ClientHello.Read(bytes, out var hello, withJa4: true));
        Assert.Equal("t13d1206h2_d94e65cdb899_fb71836bce29", hello!.Ja4Fingerprint);
        Assert.Null(hello.Ja3Fingerprint);
    }

    [Theory]
    [InlineData("h2", "h2")]
    [InlineData("http/1.1", "h1")]
    [InlineData("x", "xx")]
    [InlineData("-a", "2d61")]
    public void The_newer_fingerprint_tells_the_first_protocol(string protocol, string expected)
    {
        var list = (byte[])[0, (byte)(protocol.Length + 1), (byte)protocol.Length, .. Encoding.ASCII.GetBytes(protocol)];
        Assert.Equal(ClientHelloStatus.Found, ClientHello.Read(HelloWith([47], [(16, list)]), out var hello, withJa4: true));
        Assert.StartsWith($"t10i0101{expected}_", hello!.Ja4Fingerprint, StringComparison.Ordinal);
        Assert.EndsWith("_000000000000", hello.Ja4Fingerprint, StringComparison.Ordinal);
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

    /// <summary>The bytes of a hello for TLS 1.0 with these suites and extensions.</summary>
    private static byte[] HelloWith(IEnumerable<int> suites, IEnumerable<(int Type, byte[] Data)> extensions)
    {
        static byte[] Number(int value) => [(byte)(value >> 8), (byte)value];
        byte[] suiteBytes = [.. suites.SelectMany(Number)];
        byte[] extensionBytes = [.. extensions.SelectMany(extension => (byte[])[.. Number(extension.Type), .. Number(extension.Data.Length), .. extension.Data])];
        byte[] body = [3, 1, .. new byte[32], 0, .. Number(suiteBytes.Length), .. suiteBytes, 1, 0, .. Number(extensionBytes.Length), .. extensionBytes];
        return [22, 3, 1, .. Number(body.Length + 4), 1, 0, .. Number(body.Length), .. body];
    }
}
