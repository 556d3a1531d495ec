using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Weft.Net.Tests.Tls;
using Weft.Proxy.Tests.Listeners;
using static Weft.Proxy.Tests.TransportSockets.Tls.TlsServers;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>TLS of listeners: what is agreed with clients, and where certificates come from.</summary>
public sealed class TlsListenerTests : IDisposable
{
    private readonly TlsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Requests_over_tls_are_known_as_such_to_headers_and_logs()
    {
        using var running = Run(_folder.Downstream());
        var answer = await _folder.Get(running.Listener());
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer);
        Assert.Contains("\r\nx-facts: https TLSv1.3 server.example", answer);
        await ExpectStat(running, "ssl.handshake", 1);
        await ExpectStat(running, "ssl.no_certificate", 1);
        await ExpectStat(running, "ssl.versions.TLSv1.3", 1);
        await ExpectStat(running, "downstream_cx_ssl_total", 1);
        await TestListener.Until(async () => await Stat(running, "downstream_cx_ssl_active") == 0);
    }

    [Theory]
    [InlineData("h2,http/1.1")]
    [InlineData("h2', 'http/1.1")]
    public async Task Protocols_are_offered_in_entries_of_their_own_or_in_one(string protocols)
    {
        using var running = Run(_folder.Downstream(common: $"alpn_protocols: [ '{protocols}' ]"));
        foreach (var wanted in new[] { SslApplicationProtocol.Http2, SslApplicationProtocol.Http11 })
        {
            using var client = new TcpClient();
            await client.ConnectAsync(running.Listener());
            await using var tls = new SslStream(client.GetStream(), false, (_, certificate, _, _) => certificate!.Subject == "CN=server");
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "server.example", ApplicationProtocols = [wanted] });
            Assert.Equal(wanted, tls.NegotiatedApplicationProtocol);
        }
    }

    [Fact]
    public async Task How_a_client_has_signed_is_counted()
    {
        using var running = Run(_folder.Downstream(common: _folder.Trusted()));
        Assert.NotNull(await _folder.Get(running.Listener(), "client"));
        await ExpectStat(running, "ssl.sigalgs.ecdsa_secp256r1_sha256", 1);
        Assert.Equal(1, await Stat(running, "ssl.curves.X25519") + await Stat(running, "ssl.curves.P-256"));
    }

    [Fact]
    public async Task A_certificate_moved_into_a_watched_directory_serves_the_next_handshake()
    {
        void Version(string name, string subject)
        {
            Directory.CreateDirectory(_folder[name]);
            _folder.Issue($"{name}/tls", subject, names => names.AddDnsName("server.example"));
        }

        Directory.CreateDirectory(_folder["watched"]);
        Version("v1", "CN=first");
        Version("v2", "CN=second");
        File.CreateSymbolicLink(_folder["watched/current"], _folder["v1"]);
        var certificate = $"{{ certificate_chain: {{ filename: {_folder["watched/current/tls.pem"]} }}, private_key: {{ filename: {_folder["watched/current/tls.key"]} }}, watched_directory: {{ path: {_folder["watched"]} }} }}";
        using var running = Run(TlsFolder.DownstreamContext($"common_tls_context: {{ tls_certificates: [ {certificate} ] }}"));
        Assert.Contains("(certificate CN=first)", await _folder.Get(running.Listener()));

        Swap("v2");
        await TestListener.Until(async () => (await _folder.Get(running.Listener()))!.Contains("(certificate CN=second)", StringComparison.Ordinal));

        // What cannot be used changes nothing.
        File.WriteAllText(_folder["v1/tls.key"], "no key");
        Swap("v1");
        File.WriteAllText(_folder["watched/touched"], "");
        Assert.Contains("(certificate CN=second)", await _folder.Get(running.Listener()));
    }

    [Fact]
    public async Task Secrets_are_found_by_name_and_shown_by_certs()
    {
        var secrets = $"""
              secrets:
              - name: own
                tls_certificate: {_folder.Certificate("server")}
              - name: trust
                validation_context: {_folder.TrustedContext()}
            """;
        using var running = Run(TlsFolder.DownstreamContext("require_client_certificate: true, common_tls_context: { tls_certificate_sds_secret_configs: [ { name: own } ], validation_context_sds_secret_config: { name: trust } }"), more: secrets);
        Assert.NotNull(await _folder.Get(running.Listener(), "client"));
        var certs = await running.Admin!.GetStringAsync("certs");
        Assert.Contains($"\"path\": \"{_folder["ca.pem"]}\"", certs);
        Assert.Contains($"\"path\": \"{_folder["server.pem"]}\"", certs);
        Assert.Contains("\"dns\": \"server.example\"", certs);
        Assert.Contains("\"days_until_expiration\": \"9\"", certs);
        Assert.Contains("server.days_until_first_cert_expiring: 9\n", await running.Admin.GetStringAsync("stats?filter=first_cert"));
        // Both end on the same day.
        var end = DateTimeOffset.UtcNow.AddDays(9).ToUnixTimeSeconds();
        var expirations = await running.Admin.GetStringAsync("stats?filter=expiration_unix_time_seconds");
        foreach (var name in (string[])["own", "trust"])
            Assert.InRange(long.Parse(Regex.Match(expirations, $@"ssl\.certificate\.{name}\.expiration_unix_time_seconds: (\d+)\n").Groups[1].Value, CultureInfo.InvariantCulture), end, end + 100_000_000);
        var metrics = await running.Admin.GetStringAsync("stats/prometheus?filter=expiration_unix_time_seconds");
        Assert.Matches("envoy_listener_ssl_certificate_expiration_unix_time_seconds\\{[^}]*envoy_tls_certificate=\"own\"", metrics);
    }

    [Fact]
    public async Task A_certificate_between_two_others_does_not_say_when_the_first_one_expires()
    {
        using var intermediate = new TestCertificates("Intermediate", validDays: 4, issuer: _folder.Authority);
        _folder.IssueBelow(intermediate);
        using var running = Run(_folder.Downstream(certificate: "below"));
        Assert.Contains("server.days_until_first_cert_expiring: 9\n", await running.Admin!.GetStringAsync("stats?filter=first_cert"));
    }

    /// <summary>Exchanges a symbolic link as `ln -s; mv -T` does.</summary>
    private void Swap(string to)
    {
        File.CreateSymbolicLink(_folder["watched/new"], _folder[to]);
        using var move = Process.Start("mv", ["-T", _folder["watched/new"], _folder["watched/current"]]);
        move.WaitForExit();
        Assert.Equal(0, move.ExitCode);
    }
}
