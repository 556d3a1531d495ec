using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Weft.Net.Tests.Tls;
using static Weft.Proxy.Tests.Listeners.TestListener;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>Clients that break TLS: their connection ends, counted, and the listener goes on.</summary>
public sealed class TlsBadInputTests : IDisposable
{
    private readonly TlsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\x16\x03\x01\0\0")]
    [InlineData("\x16\x03\x01\0\x04\x01\0\0\0")]
    [InlineData("\x16\x03\x01\xff\xff")]
    [InlineData("\x15\x03\x01\0\x02\x02\x28")]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\n\r\n")]
    public async Task What_is_no_client_hello_ends_the_connection(string bytes)
    {
        using var running = Run("", $"transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("one")} ]");
        await Send(running, bytes, end: true);
        await Until(async () => await Stat(running, "http.one.downstream_cx_destroy") >= 1);
        await ExpectStat(running, "ssl.handshake", 0);
        await ExpectStat(running, "http.one.downstream_rq_total", 0);
        Assert.Contains("x-chain: one", await _folder.Get(running.Listener()));
    }

    [Fact]
    public async Task A_client_hello_that_is_too_long_is_refused_before_it_has_come()
    {
        using var running = Run("", $"transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("one")} ]");
        // A hello that says it is 192 KiB long.
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        var stream = client.GetStream();
        var record = new byte[5 + 16384];
        (record[0], record[1], record[2], record[3]) = (22, 3, 1, 0x40);
        record[5] = 1;
        record[6] = 3;
        try
        {
            await stream.WriteAsync(record);
            while (await stream.ReadAsync(new byte[1024]) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset with our bytes unread.
        }

        await Until(async () => await Stat(running, "ssl.connection_error") == 1);
        Assert.Contains("x-chain: one", await _folder.Get(running.Listener()));
    }

    [Fact]
    public async Task A_handshake_that_does_not_come_about_is_given_up_in_its_own_time()
    {
        using var running = Run("", $"transport_socket_connect_timeout: 0.1s, transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("one")} ]");
        Assert.Equal("", await Send(running, "\x16\x03\x01"));
        await ExpectStat(running, "downstream_cx_transport_socket_connect_timeout", 1);
    }

    [Theory]
    [InlineData(null, "TLS_error:|268435648:SSL_routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE:peer_did_not_provide_required_client_certificate:TLS_error_end", "ssl.fail_verify_no_cert")]
    [InlineData("stranger", "TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_X509_verify_cert:_certificate_verification_error_at_depth_0:_unable_to_get_local_issuer_certificate:TLS_error_end", "ssl.fail_verify_error")]
    public async Task The_log_of_the_listener_says_why_a_client_was_turned_away(string? client, string reason, string statistic)
    {
        using var stranger = new TestCertificates("Stranger");
        _folder.Write("stranger", stranger.IssuePem("CN=nobody"));
        var log = $"access_log: [ {{ name: file, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: {_folder["access.log"]}, log_format: {{ text_format_source: {{ inline_string: \"%DOWNSTREAM_TRANSPORT_FAILURE_REASON%\\n\" }} }} }} }} ]";
        var socket = _folder.Downstream("require_client_certificate: true", _folder.Trusted());
        using var running = Run(log, $"transport_socket: {socket}, filters: [ {HttpFilter("one")} ]");
        Assert.Null(await _folder.Get(running.Listener(), client));
        await Until(() => Task.FromResult(File.Exists(_folder["access.log"]) && File.ReadAllText(_folder["access.log"]).EndsWith('\n')));
        Assert.Equal(reason + "\n", File.ReadAllText(_folder["access.log"]));
        await ExpectStat(running, statistic, 1);
    }

    [Fact]
    public async Task An_old_version_is_refused()
    {
        using var running = Run("", $"transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("one")} ]");
        // TLS 1.0 in a hello of its time: version 3.1, one cipher suite, no extensions.
        var hello = new List<byte> { 22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1 };
        hello.AddRange(new byte[32]);
        hello.AddRange([0, 0, 2, 0xC0, 0x13, 1, 0]);
        var answer = await Send(running, Encoding.Latin1.GetString([.. hello]));
        // Alert protocol_version (RFC 5246 section 7.2).
        Assert.Equal([21, 3, 1, 0, 2, 2, 70], Encoding.Latin1.GetBytes(answer));
        await ExpectStat(running, "ssl.connection_error", 1);
    }

    [Fact]
    public async Task A_name_that_no_certificate_has_gets_the_first_one()
    {
        using var running = Run("", $"transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("one")} ]");
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, _, _) => certificate!.Subject == "CN=server");
        await tls.AuthenticateAsClientAsync("nobody.example");
        Assert.True(tls.IsAuthenticated);
    }
}
