using System.Text.RegularExpressions;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>What the openssl tool sees of a listener's TLS, and certificates that change under load.</summary>
public sealed class TlsToolsTests : IDisposable
{
    private readonly TlsFiles _files = new();

    public TlsToolsTests() => _files.Issue("server", "DNS:server.example");

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_stapled_answer_of_the_authority_is_given_to_clients_that_ask()
    {
        _files.Staple("server");
        await using var weft = await Start($"{{ {Pem()}, ocsp_staple: {{ filename: {_files["server.ocsp"]} }} }}", "ocsp_staple_policy: STRICT_STAPLING");
        Assert.Contains("OCSP Response Status: successful (0x0)", await Connect(weft, "web", "-status"), StringComparison.Ordinal);
        await weft.ExpectStat("listener.web.ssl.ocsp_staple_requests", 1);
        await weft.ExpectStat("listener.web.ssl.ocsp_staple_responses", 1);
        // The response is good for five days.
        Assert.InRange(await weft.Stat("server.seconds_until_first_ocsp_response_expiring"), 4 * 24 * 3600, 5 * 24 * 3600);
        Assert.Contains("\"ocsp_details\": {", await weft.GetAdmin("/certs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_ask_for_an_answer_of_the_authority_in_vain_are_counted()
    {
        await using var weft = await Start($"{{ {Pem()} }}");
        Assert.Contains("OCSP response: no response sent", await Connect(weft, "web", "-status"), StringComparison.Ordinal);
        await Connect(weft, "web");
        Assert.Equal((1, 1), (await weft.Stat("listener.web.ssl.ocsp_staple_requests"), await weft.Stat("listener.web.ssl.ocsp_staple_omitted")));
    }

    [Fact]
    public async Task An_answer_of_the_authority_is_told_to_whoever_watches_it()
    {
        _files.Staple("server");
        await using var weft = await Start($"{{ {Pem()}, ocsp_staple: {{ filename: {_files["server.ocsp"]} }} }}");
        Assert.Contains("\"ocsp_details\": {", await weft.GetAdmin("/certs"), StringComparison.Ordinal);
        // Five days, less what the test has taken.
        Assert.InRange(await weft.Stat("server.seconds_until_first_ocsp_response_expiring"), 4 * 86_400, 5 * 86_400);
    }

    [Fact]
    public async Task A_session_made_without_a_certificate_opens_nothing_that_requires_one()
    {
        await File.WriteAllBytesAsync(_files["ticket.key"], [.. Enumerable.Range(0, 80).Select(i => (byte)i)]);
        var tickets = $"session_ticket_keys: {{ keys: [ {{ filename: {_files["ticket.key"]} }} ] }}";
        var trust = $", validation_context: {{ trusted_ca: {{ filename: {_files["ca.crt"]} }} }}";
        var listeners = Listener("open", $"{{ {Pem()} }}", $"{tickets}, require_client_certificate: false", trust) + Listener("closed", $"{{ {Pem()} }}", $"{tickets}, require_client_certificate: true", trust);
        await using var weft = await WeftProcess.StartAsync("static_resources:\n  listeners:\n" + listeners);
        var session = _files["session"];
        Assert.Contains("New, TLSv1.2", await Connect(weft, "open", "-tls1_2", "-sess_out", session), StringComparison.Ordinal);
        Assert.Contains("Reused, TLSv1.2", await Connect(weft, "open", "-tls1_2", "-sess_in", session), StringComparison.Ordinal);
        Assert.DoesNotContain("Reused", await Connect(weft, "closed", "-tls1_2", "-sess_in", session), StringComparison.Ordinal);
        await weft.ExpectStat("listener.closed.ssl.handshake", 0);
        await weft.ExpectStat("listener.closed.ssl.fail_verify_no_cert", 1);
    }

    [Theory]
    [InlineData("tls_maximum_protocol_version: TLSv1_2", "", "-no_ticket", "New, TLSv1.2")]
    [InlineData("tls_minimum_protocol_version: TLSv1_3", "", "-tls1_2", "alert protocol version")]
    [InlineData("", "", "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256", "Cipher is ECDHE-ECDSA-AES128-GCM-SHA256")]
    [InlineData("", "prefer_client_ciphers: true", "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256", "Cipher is ECDHE-ECDSA-AES256-GCM-SHA384")]
    [InlineData("cipher_suites: [ '[ECDHE-ECDSA-AES256-GCM-SHA384|ECDHE-ECDSA-CHACHA20-POLY1305]' ]", "", "-tls1_2", "Cipher is ECDHE-ECDSA-AES256-GCM-SHA384")]
    [InlineData("ecdh_curves: [ P-256 ]", "", "-tls1_3", "Server Temp Key: ECDH, prime256v1")]
    [InlineData("signature_algorithms: [ ecdsa_secp384r1_sha384 ]", "", "-tls1_2", "Peer signing digest: SHA384")]
    [InlineData("", "session_timeout: 1800s", "-tls1_2", "TLS session ticket lifetime hint: 1800 (seconds)")]
    public async Task What_is_configured_is_what_a_handshake_comes_to(string parameters, string more, string arguments, string expected)
    {
        await using var weft = await Start($"{{ {Pem()} }}", more, $", tls_params: {{ {parameters} }}");
        Assert.Contains(expected, await Connect(weft, "web", arguments.Split(' ')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("disable_stateless_session_resumption: true", false, true)]
    [InlineData("disable_stateful_session_resumption: true", true, true)]
    [InlineData("disable_stateless_session_resumption: true, disable_stateful_session_resumption: true", false, false)]
    public async Task Sessions_are_resumed_by_ticket_or_by_number_unless_that_is_disabled(string more, bool hasTicket, bool isResumed)
    {
        await using var weft = await Start($"{{ {Pem()} }}", more);
        var output = await Connect(weft, "web", "-tls1_2", "-reconnect");
        Assert.Equal((hasTicket, isResumed), (output.Contains("TLS session ticket:", StringComparison.Ordinal), output.Contains("Reused, TLSv1.2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Listeners_with_the_ticket_keys_of_one_secret_resume_each_others_sessions()
    {
        await File.WriteAllBytesAsync(_files["ticket.key"], [.. Enumerable.Range(0, 80).Select(i => (byte)i)]);
        const string Tickets = "session_ticket_keys_sds_secret_config: { name: tickets }";
        var secrets = $"  secrets: [ {{ name: tickets, session_ticket_keys: {{ keys: [ {{ filename: {_files["ticket.key"]} }} ] }} }} ]\n";
        await using var weft = await WeftProcess.StartAsync("static_resources:\n" + secrets + "  listeners:\n" + Listener("one", $"{{ {Pem()} }}", Tickets, "") + Listener("two", $"{{ {Pem()} }}", Tickets, "") + Listener("other", $"{{ {Pem()} }}", "", ""));
        Assert.Contains("New, TLSv1.2", await Connect(weft, "one", "-tls1_2", "-sess_out", _files["session"]), StringComparison.Ordinal);
        Assert.Contains("Reused, TLSv1.2", await Connect(weft, "two", "-tls1_2", "-sess_in", _files["session"]), StringComparison.Ordinal);
        Assert.DoesNotContain("Reused", await Connect(weft, "other", "-tls1_2", "-sess_in", _files["session"]), StringComparison.Ordinal);
        await weft.ExpectStat("listener.two.ssl.session_reused", 1);
    }

    [Fact]
    public async Task A_certificate_in_PKCS12_with_a_password_serves()
    {
        _files.Pack("server", "secret");
        await using var weft = await Start($"{{ pkcs12: {{ filename: {_files["server.p12"]} }}, password: {{ inline_string: secret }} }}");
        Assert.Contains("Verify return code: 0 (ok)", await Connect(weft, "web"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_are_told_once_whose_certificates_will_do()
    {
        // The same authority in two trust domains, and another one.
        Shell.Run("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", _files["second.key"], "-out", _files["second.crt"], "-subj", "/CN=Second CA", "-days", "5"]);
        var domains = string.Join(", ", (string[])[Domain("one", "ca"), Domain("two", "second"), Domain("three", "ca")]);
        await using var weft = await Start($"{{ {Pem()} }}", common:
            $", validation_context: {{ custom_validator_config: {{ name: spiffe, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig, trust_domains: [ {domains} ] }} }} }}");
        var output = await Connect(weft, "web");
        var names = Regex.Match(output, "Acceptable client certificate CA names\n(?<name>[^\n]*CN *= *[^\n]*\n)+").Groups["name"].Captures;
        Assert.Equal(["Test CA", "Second CA"], names.Select(name => Regex.Match(name.Value, "CN *= *(.*)\n").Groups[1].Value));

        string Domain(string name, string authority) => $"{{ name: {name}.example, trust_bundle: {{ filename: {_files[authority + ".crt"]} }} }}";
    }

    [Fact]
    public async Task Secrets_of_handshakes_are_written_for_a_sniffer()
    {
        var file = _files["keys.log"];
        await using var weft = await Start($"{{ {Pem()} }}", common: $", key_log: {{ path: {file} }}");
        var random = Regex.Match(await Connect(weft, "web", "-tls1_2"), "Master-Key: ([0-9A-F]{96})").Groups[1].Value;
        Assert.Matches($"^CLIENT_RANDOM [0-9a-f]{{64}} {random.ToLowerInvariant()}$", (await Wait.ForLines(file, 1))[0]);
    }

    [Fact]
    public async Task A_client_that_wants_to_renegotiate_is_turned_away()
    {
        await using var weft = await Start($"{{ {Pem()} }}");
        var output = await Connect(weft, "web", "R\n", "-tls1_2", "-legacy_renegotiation");
        Assert.Contains("no renegotiation", output, StringComparison.Ordinal);
        Assert.Equal(0, await weft.Stat("http.web.downstream_rq_total"));
    }

    [Fact]
    public async Task A_certificate_that_is_replaced_under_load_costs_no_request()
    {
        _files.Issue("next", "DNS:server.example");
        var watched = Directory.CreateDirectory(_files["watched"]).FullName;
        void Publish(string name)
        {
            foreach (var ending in new[] { ".crt", ".key" })
            {
                File.Copy(_files[name + ending], Path.Combine(watched, "new"), overwrite: true);
                File.Move(Path.Combine(watched, "new"), Path.Combine(watched, "tls" + ending), overwrite: true);
            }
        }

        Publish("server");
        await using var weft = await Start($"{{ certificate_chain: {{ filename: {watched}/tls.crt }}, private_key: {{ filename: {watched}/tls.key }}, watched_directory: {{ path: {watched} }} }}");
        var port = await weft.Port("web");
        var subjects = new HashSet<string>();
        using var stop = new CancellationTokenSource();
        async Task<int> Load()
        {
            var count = 0;
            for (; !stop.IsCancellationRequested; count++)
            {
                // A handshake each: nothing is resumed.
                using var handler = new SocketsHttpHandler { UseProxy = false };
                handler.SslOptions.AllowTlsResume = false;
#pragma warning disable CA5359 // The certificate is what the test looks at; it is trusted for nothing.
                handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    lock (subjects)
                        subjects.Add(certificate!.Subject);
                    return true;
                };
#pragma warning restore CA5359
                using var client = new HttpClient(handler);
                Assert.Equal("ok", await client.GetStringAsync(new Uri($"https://127.0.0.1:{port}/")));
            }

            return count;
        }

        Task<int>[] load = [Load(), Load(), Load()];
        for (var i = 0; i < 4; i++)
        {
            lock (subjects)
                subjects.Clear();
            Publish(i % 2 == 0 ? "next" : "server");
            await Wait.Until(() => Task.FromResult(Seen(i % 2 == 0 ? "CN=next" : "CN=server")), "the other certificate");
        }

        await stop.CancelAsync();
        Assert.True((await Task.WhenAll(load)).Sum() > 0);
        Assert.Equal(0, await weft.Stat("listener.web.ssl.connection_error"));

        bool Seen(string subject)
        {
            lock (subjects)
                return subjects.Any(seen => seen.Contains(subject, StringComparison.Ordinal));
        }
    }

    private string Pem() => $"certificate_chain: {{ filename: {_files["server.crt"]} }}, private_key: {{ filename: {_files["server.key"]} }}";

    private async Task<string> Connect(WeftProcess weft, string listener, params string[] arguments)
    {
        var input = "Q\n";
        if (arguments is [var first, ..] && first.EndsWith('\n'))
            (input, arguments) = (first, arguments[1..]);
        string[] command = ["s_client", "-connect", $"127.0.0.1:{await weft.Port(listener)}", "-servername", "server.example", "-CAfile", _files["ca.crt"], .. arguments];
        var (_, output, error) = await Shell.RunAsync("openssl", command, input);
        return output + error;
    }

    private static Task<WeftProcess> Start(string certificate, string more = "", string common = "") =>
        WeftProcess.StartAsync("static_resources:\n  listeners:\n" + Listener("web", certificate, more, common));

    private static string Listener(string name, string certificate, string more, string common) => $$"""
          - name: {{name}}
            stat_prefix: {{name}}
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - transport_socket:
                name: envoy.transport_sockets.tls
                typed_config: { "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: { tls_certificates: [ {{certificate}} ]{{common}} }, {{more}} }
              filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
                  route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: ok } } } ] } ] }
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]

        """;
}
