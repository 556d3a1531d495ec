using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weft.Config;
using Weft.Net.Tests.Tls;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.HttpFilters;
using Weft.Proxy.TransportSockets.Tls;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>TLS of listeners and clusters, by a server in this process and clients that speak TLS.</summary>
public sealed class TlsServerTests : IDisposable
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
        await Until(async () => await Stat(running, "downstream_cx_ssl_active") == 0);
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
        using var running = Run(_folder.Downstream(common: Trusted()));
        Assert.NotNull(await _folder.Get(running.Listener(), "client"));
        await ExpectStat(running, "ssl.sigalgs.ecdsa_secp256r1_sha256", 1);
        Assert.Equal(1, await Stat(running, "ssl.curves.X25519") + await Stat(running, "ssl.curves.P-256"));
    }

    [Theory]
    [InlineData("exact: client.example")]
    [InlineData("prefix: client.example")]
    [InlineData("safe_regex: { regex: 'client.*' }")]
    public void A_name_with_a_nul_is_nobodys(string matcher)
    {
        var source = Filters.Read<Envoy.Extensions.TransportSockets.Tls.V3.CertificateValidationContext>($"match_typed_subject_alt_names: [ {{ san_type: DNS, matcher: {{ {matcher} }} }} ]");
        var compiled = Assert.Single(SanMatcher.Create(source, new ConfigContext()));
        Assert.True(compiled.IsMatch(new Weft.Net.Tls.SubjectAltName(Weft.Net.Tls.SubjectAltNameKind.Dns, "client.example")));
        Assert.False(compiled.IsMatch(new Weft.Net.Tls.SubjectAltName(Weft.Net.Tls.SubjectAltNameKind.Dns, "client.example\0.evil.test")));
    }

    [Fact]
    public async Task A_client_certificate_that_has_expired_is_refused_unless_that_is_allowed()
    {
        var (chain, key) = _folder.Authority.IssuePem("CN=late", validDays: 0);
        _folder.Write("late.pem", chain);
        _folder.Write("late.key", key);
        using var strict = Run(_folder.Downstream("require_client_certificate: true", Trusted()));
        Assert.Null(await _folder.Get(strict.Listener(), "late"));
        await StatComes(strict, "ssl.fail_verify_error");
        using var lenient = Run(_folder.Downstream("require_client_certificate: true", Trusted("allow_expired_certificate: true")));
        Assert.NotNull(await _folder.Get(lenient.Listener(), "late"));
    }

    [Fact]
    public async Task What_the_host_trusts_is_not_what_a_test_has_made()
    {
        using var upstream = Run(_folder.Downstream());
        using var running = RunProxy($"transport_socket: {TlsFolder.Upstream("sni: server.example", "validation_context: { system_root_certs: {} }")}", (upstream.Listener(), ""));
        Assert.StartsWith("503", await Plain(running));
        Assert.Contains("cluster.backend.ssl.fail_verify_error: 1\n", await running.Admin!.GetStringAsync("stats?filter=fail_verify_error"));
    }

    [Theory]
    [InlineData("SANITIZE", "")]
    [InlineData("FORWARD_ONLY", "By=spiffe://spoofed")]
    [InlineData("ALWAYS_FORWARD_ONLY", "By=spiffe://spoofed")]
    [InlineData("SANITIZE_SET", "Hash=#;Subject=\"CN=client,O=Weft\";URI=spiffe://one.example/client;DNS=client.example")]
    [InlineData("APPEND_FORWARD", "By=spiffe://spoofed,Hash=#;Subject=\"CN=client,O=Weft\";URI=spiffe://one.example/client;DNS=client.example")]
    public async Task What_upstreams_hear_of_client_certificates_is_configured(string mode, string expected)
    {
        using var running = Run(_folder.Downstream(common: Trusted()), $"forward_client_cert_details: {mode}, set_current_client_cert_details: {{ subject: true, uri: true, dns: true }},");
        using var certificate = _folder.Load("client");
        var answer = await _folder.Get(running.Listener(), "client", headers: "x-forwarded-client-cert: By=spiffe://spoofed\r\n");
        var hash = certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
        Assert.Equal(expected.Replace("#", hash, StringComparison.Ordinal), Header(answer!, "x-xfcc"));
        var anonymous = await _folder.Get(running.Listener(), headers: "x-forwarded-client-cert: By=spiffe://spoofed\r\n");
        Assert.Equal(mode == "ALWAYS_FORWARD_ONLY" ? "By=spiffe://spoofed" : "", Header(anonymous!, "x-xfcc"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("match_typed_subject_alt_names: [ { san_type: DNS, matcher: { exact: client.example } } ]", true)]
    [InlineData("match_typed_subject_alt_names: [ { san_type: URI, matcher: { prefix: 'spiffe://one.example/' } } ]", true)]
    [InlineData("match_typed_subject_alt_names: [ { san_type: URI, matcher: { exact: client.example } } ]", false, "fail_verify_san")]
    [InlineData("match_typed_subject_alt_names: [ { san_type: DNS, matcher: { suffix: .other } } ]", false, "fail_verify_san")]
    [InlineData("verify_certificate_hash: [ '#HASH' ]", true)]
    [InlineData("verify_certificate_spki: [ '#SPKI' ]", true)]
    [InlineData("verify_certificate_hash: [ 'df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a' ]", false, "fail_verify_cert_hash")]
    [InlineData("verify_certificate_hash: [ 'df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a' ], verify_certificate_spki: [ '#SPKI' ]", true)]
    [InlineData("max_verify_depth: 0", true)]
    public async Task Client_certificates_are_checked_by_names_and_fingerprints(string checks, bool accepted, string statistic = "")
    {
        using var certificate = _folder.Load("client");
        var spki = Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        checks = checks.Replace("#HASH", certificate.GetCertHashString(HashAlgorithmName.SHA256), StringComparison.Ordinal).Replace("#SPKI", spki, StringComparison.Ordinal);
        using var running = Run(_folder.Downstream("require_client_certificate: true", Trusted(checks)));
        Assert.Equal(accepted, await _folder.Get(running.Listener(), "client") is not null);
        if (statistic.Length > 0)
            await StatComes(running, "ssl." + statistic);
        Assert.Null(await _folder.Get(running.Listener()));
        await StatComes(running, "ssl.fail_verify_no_cert");
    }

    [Theory]
    [InlineData("san_type: IP_ADDRESS, matcher: { exact: 10.1.2.3 }", true)]
    [InlineData("san_type: IP_ADDRESS, matcher: { exact: 10.1.2.4 }", false)]
    [InlineData("san_type: EMAIL, matcher: { suffix: '@example.org' }", true)]
    [InlineData("san_type: EMAIL, matcher: { suffix: '@example.com' }", false)]
    [InlineData("san_type: OTHER_NAME, oid: 1.3.6.1.4.1.311.20.2.3, matcher: { exact: somebody@realm }", true)]
    [InlineData("san_type: OTHER_NAME, oid: 1.3.6.1.4.1.311.20.2.4, matcher: { exact: somebody@realm }", false)]
    [InlineData("san_type: DNS, matcher: { safe_regex: { regex: 'a[0-9]+\\.names\\.example' } }", true)]
    [InlineData("san_type: DNS, matcher: { safe_regex: { regex: 'a[0-9]+\\.names' } }", false)]
    public async Task Names_of_every_kind_may_be_demanded(string matcher, bool accepted)
    {
        _folder.Issue("names", "CN=names", names =>
        {
            names.AddIpAddress(IPAddress.Parse("10.1.2.3"));
            names.AddEmailAddress("somebody@example.org");
            names.AddUserPrincipalName("somebody@realm");
            names.AddDnsName("a17.names.example");
        });
        using var running = Run(_folder.Downstream(common: Trusted($"match_typed_subject_alt_names: [ {{ {matcher} }} ]")));
        Assert.Equal(accepted, await _folder.Get(running.Listener(), "names") is not null);
        if (!accepted)
            await StatComes(running, "ssl.fail_verify_san");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Every_certificate_of_a_chain_needs_a_revocation_list_unless_only_the_first_is_checked(bool onlyFirst, bool accepted)
    {
        using var intermediate = new TestCertificates("Intermediate", issuer: _folder.Authority);
        var (chain, key) = intermediate.IssuePem("CN=below");
        _folder.Write("below.pem", chain);
        _folder.Write("below.key", key);
        using var revoked = _folder.Load("client");
        // Of the intermediate authority alone: whether that one is revoked nobody says.
        _folder.Write("crl.pem", intermediate.RevocationList(revoked));
        _folder.Write("cas.pem", [.. _folder.Authority.AuthorityPem, (byte)'\n', .. intermediate.AuthorityPem]);
        var validation = $"validation_context: {{ trusted_ca: {{ filename: {_folder["cas.pem"]} }}, crl: {{ filename: {_folder["crl.pem"]} }}, only_verify_leaf_cert_crl: {(onlyFirst ? "true" : "false")} }}";
        using var running = Run(_folder.Downstream(common: validation));
        Assert.Equal(accepted, await _folder.Get(running.Listener(), "below") is not null);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("max_session_keys: 0", 0)]
    public async Task Sessions_with_an_upstream_are_resumed_unless_none_are_kept(string more, int resumed)
    {
        using var target = Run(_folder.Downstream());
        using var running = RunProxy($"max_requests_per_connection: 1\n    transport_socket: {TlsFolder.Upstream(more)}", (target.Listener(), ""));
        for (var i = 0; i < 3; i++)
            Assert.StartsWith("200", await Plain(running));
        var stats = await running.Admin!.GetStringAsync("stats?filter=backend.ssl");
        Assert.Contains("cluster.backend.ssl.handshake: 3\n", stats);
        Assert.Contains($"cluster.backend.ssl.session_reused: {resumed}\n", stats);
    }

    [Theory]
    [InlineData(1, "503")]
    [InlineData(2, "200")]
    public async Task The_trusted_certificate_counts_in_the_depth_of_a_chain(int depth, string expected)
    {
        using var intermediate = new TestCertificates("Intermediate", issuer: _folder.Authority);
        IssueBelow(intermediate);
        using var target = Run(_folder.Downstream(certificate: "below"));
        using var running = RunProxy($"transport_socket: {TlsFolder.Upstream(common: TrustedUpstream($"max_verify_depth: {depth}"))}", (target.Listener(), ""));
        Assert.StartsWith(expected, await Plain(running));
    }

    [Fact]
    public async Task A_certificate_between_two_others_does_not_say_when_the_first_one_expires()
    {
        using var intermediate = new TestCertificates("Intermediate", validDays: 4, issuer: _folder.Authority);
        IssueBelow(intermediate);
        using var running = Run(_folder.Downstream(certificate: "below"));
        Assert.Contains("server.days_until_first_cert_expiring: 9\n", await running.Admin!.GetStringAsync("stats?filter=first_cert"));
    }

    [Fact]
    public async Task A_client_certificate_of_another_authority_is_refused_unless_untrusted_ones_are_accepted()
    {
        using var stranger = new TestCertificates("Stranger");
        var (chain, key) = stranger.IssuePem("CN=stranger");
        _folder.Write("stranger.pem", chain);
        _folder.Write("stranger.key", key);
        using var strict = Run(_folder.Downstream(common: Trusted()));
        Assert.Null(await _folder.Get(strict.Listener(), "stranger"));
        await StatComes(strict, "ssl.fail_verify_error");
        using var lenient = Run(_folder.Downstream(common: Trusted("trust_chain_verification: ACCEPT_UNTRUSTED")));
        Assert.NotNull(await _folder.Get(lenient.Listener(), "stranger"));
        await ExpectStat(lenient, "ssl.fail_verify_error", 1);
    }

    [Fact]
    public async Task A_revoked_client_certificate_is_refused()
    {
        _folder.Issue("good", "CN=good", names => names.AddDnsName("good.example"));
        using var revoked = _folder.Load("client");
        _folder.Write("crl.pem", _folder.Authority.RevocationList(revoked));
        using var running = Run(_folder.Downstream(common: Trusted($"crl: {{ filename: {_folder["crl.pem"]} }}")));
        Assert.NotNull(await _folder.Get(running.Listener(), "good"));
        Assert.Null(await _folder.Get(running.Listener(), "client"));
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
        using var running = Run(TlsFolderSocket($"common_tls_context: {{ tls_certificates: [ {certificate} ] }}"));
        Assert.Contains("(certificate CN=first)", await _folder.Get(running.Listener()));

        Swap("v2");
        await Until(async () => (await _folder.Get(running.Listener()))!.Contains("(certificate CN=second)", StringComparison.Ordinal));

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
                validation_context: {TrustedContext("")}
            """;
        using var running = Run(TlsFolderSocket("require_client_certificate: true, common_tls_context: { tls_certificate_sds_secret_configs: [ { name: own } ], validation_context_sds_secret_config: { name: trust } }"), more: secrets);
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
            Assert.InRange(long.Parse(System.Text.RegularExpressions.Regex.Match(expirations, $@"ssl\.certificate\.{name}\.expiration_unix_time_seconds: (\d+)\n").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), end, end + 100_000_000);
        var metrics = await running.Admin.GetStringAsync("stats/prometheus?filter=expiration_unix_time_seconds");
        Assert.Matches("envoy_listener_ssl_certificate_expiration_unix_time_seconds\\{[^}]*envoy_tls_certificate=\"own\"", metrics);
    }

    [Fact]
    public async Task Endpoints_choose_their_transport_socket_by_metadata()
    {
        using var tls = Run(_folder.Downstream());
        using var clear = Run("{ name: raw, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer } }");
        var sockets = $"transport_socket_matches: [ {{ name: secure, match: {{ secure: true }}, transport_socket: {TlsFolder.Upstream(common: TrustedUpstream())} }} ]";
        using var running = RunProxy(sockets, (tls.Listener(), "metadata: { filter_metadata: { envoy.transport_socket_match: { secure: true } } }"), (clear.Listener(), ""));
        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
            answers.Add(await Plain(running));
        Assert.Equal(2, answers.Count(answer => answer.Contains("x-facts: http TLSv1.2", StringComparison.Ordinal)));
        Assert.Equal(2, answers.Count(answer => answer.Contains("x-facts: http\n", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", true, "http")]
    [InlineData("scheme_header_transformation: { match_upstream: true },", true, "https")]
    [InlineData("scheme_header_transformation: { match_upstream: true },", false, "http")]
    [InlineData("scheme_header_transformation: { match_upstream: true, scheme_to_overwrite: http },", true, "http")]
    public async Task Upstreams_hear_the_scheme_of_their_own_connection_where_that_is_wanted(string manager, bool isSecure, string expected)
    {
        const string Clear = "{ name: raw, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer } }";
        using var target = Run(isSecure ? _folder.Downstream(common: "alpn_protocols: [ 'h2,http/1.1' ]") : Clear);
        var socket = isSecure ? $"transport_socket: {TlsFolder.Upstream(common: "alpn_protocols: [ h2 ]")}" : "";
        using var running = RunProxy($"http2_protocol_options: {{}}\n    {socket}", manager, (target.Listener(), ""));
        Assert.Contains($"x-scheme: {expected}\n", await Plain(running));
    }

    [Theory]
    [InlineData("alpn_protocols: [ 'h2,http/1.1' ]", "", "HTTP/2")]
    [InlineData("alpn_protocols: [ http/1.1 ]", "", "HTTP/1.1")]
    [InlineData("", "", "HTTP/1.1")]
    [InlineData("alpn_protocols: [ 'h2,http/1.1' ]", "alpn_protocols: [ http/1.1 ]", "HTTP/1.1")]
    public async Task An_upstream_decides_by_ALPN_what_it_is_spoken_to(string server, string client, string expected)
    {
        using var target = Run(_folder.Downstream(common: server));
        const string Options = "typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, auto_config: {} } }";
        using var running = RunProxy($"{Options}\n    transport_socket: {TlsFolder.Upstream(common: client)}", (target.Listener(), ""));
        Assert.Contains($"x-protocol: {expected}\n", await Plain(running));
        Assert.Contains($"cluster.backend.upstream_cx_http{(expected == "HTTP/2" ? 2 : 1)}_total: 1\n", await running.Admin!.GetStringAsync("stats?filter=upstream_cx_http"));
    }

    [Fact]
    public async Task An_upstream_that_is_not_who_it_should_be_gets_no_request()
    {
        using var tls = Run(_folder.Downstream());
        var socket = $"transport_socket: {TlsFolder.Upstream(common: TrustedUpstream("match_typed_subject_alt_names: [ { san_type: DNS, matcher: { exact: other.example } } ]"))}";
        using var running = RunProxy(socket, (tls.Listener(), ""));
        var answer = await Plain(running);
        Assert.StartsWith("503", answer);
        Assert.Contains("remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: SAN matcher:TLS_error_end", answer);
        Assert.Contains("cluster.backend.ssl.fail_verify_san: 1\n", await running.Admin!.GetStringAsync("stats?filter=fail_verify_san"));
        Assert.Equal(0, await Stat(tls, "downstream_rq_total"));
    }

    [Theory]
    [InlineData("common_tls_context: {}", "No TLS certificates found for server context")]
    [InlineData("common_tls_context: { tls_certificate_sds_secret_configs: [ { name: nobody } ] }", "Unknown static secret: nobody")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { verify_certificate_hash: [ zz ] } }", "Invalid hex-encoded SHA-256 zz")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { trusted_ca: { inline_string: nothing } } }", "Failed to load trusted CA certificates from <inline>")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { match_typed_subject_alt_names: [ { san_type: DNS, matcher: { exact: a } } ] } }", "SAN-based verification of peer certificates without trusted CA is insecure and not allowed")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { allow_expired_certificate: true } }", "Certificate validity period is always ignored without trusted CA")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { crl: { filename: '#FOLDER/crl.pem' } } }", "/crl.pem without trusted CA")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], tls_params: { cipher_suites: [ NONSENSE ] } }", "Failed to initialize cipher suites NONSENSE")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], tls_params: { cipher_suites: [ ECDHE-ECDSA-AES128-GCM-SHA256, NONSENSE ] } }", "The following ciphers were rejected when tried individually: NONSENSE")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { trusted_ca: { filename: '#FOLDER/damaged.pem' } } }", "Failed to load trusted CA certificates from")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/damaged.pem' }, private_key: { filename: '#FOLDER/server.key' } } ] }", "Failed to load certificate chain from")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/server.pem' }, private_key: { filename: '#FOLDER/server.key' }, ocsp_staple: { inline_string: x } } ] }", "OCSP staple cannot be provided via inline_string")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/server.pem' }, private_key: { filename: '#FOLDER/server.key' }, ocsp_staple: { inline_bytes: eA== } } ] }", "OCSP Response is not a well-formed ASN.1 SEQUENCE")]
    [InlineData("common_tls_context: { tls_certificates: [ { private_key: { filename: '#FOLDER/server.key' } } ] }", "Failed to load incomplete certificate from : certificate chain not set")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/server.pem' } } ] }", "Failed to load incomplete private key from path: ")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/promise.pem' }, private_key: { filename: '#FOLDER/promise.key' } } ] }", "OCSP response is required for must-staple certificate")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], tls_params: { ecdh_curves: [ NONSENSE ] } }", "Failed to initialize ECDH curves NONSENSE")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ] }, session_ticket_keys: { keys: [ { inline_string: short } ] }", "Incorrect TLS session ticket key length. Length 5, expected length 80.")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ] }, ocsp_staple_policy: MUST_STAPLE", "Required OCSP response is missing from TLS context")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { inline_string: x }, private_key: { inline_string: key } } ] }", "Failed to load certificate chain from <inline>")]
    public void What_cannot_be_used_is_refused_with_its_reason(string fields, string error)
    {
        // An authority and what was one once; a certificate that promises a stapled response (RFC 7633).
        _folder.Write("damaged.pem", [.. File.ReadAllBytes(_folder["ca.pem"]), .. "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"u8]);
        var (chain, key) = _folder.Authority.IssuePem("CN=promise", extension: new X509Extension("1.3.6.1.5.5.7.1.24", [0x30, 3, 2, 1, 5], critical: false));
        _folder.Write("promise.pem", chain);
        _folder.Write("promise.key", key);
        var bootstrap = Bootstrap(TlsFolderSocket(fields.Replace("#CERT", _folder.Certificate("server"), StringComparison.Ordinal).Replace("#FOLDER", _folder.Path, StringComparison.Ordinal)));
        Assert.Null(Server.Create(new ServerOptions { ConfigYaml = bootstrap, Mode = ServerMode.Validate, Concurrency = 1 }, out var findings));
        Assert.Contains(findings.All, finding => finding.Severity == Severity.Error && finding.Text.Contains(error, StringComparison.Ordinal));
    }

    [Fact]
    public void A_required_client_certificate_that_nobody_checks_is_warned_about()
    {
        using var running = Run(_folder.Downstream("require_client_certificate: true"));
        Assert.Contains(running.Findings.All, finding => finding.Severity == Severity.Warning && finding.Text.StartsWith("client certificates are required but not verified", StringComparison.Ordinal));
    }

    /// <summary>Writes below.pem with the certificate of the authority that has issued it behind it, and below.key.</summary>
    private void IssueBelow(TestCertificates issuer)
    {
        var (chain, key) = issuer.IssuePem("CN=below");
        _folder.Write("below.pem", [.. chain, (byte)'\n', .. issuer.AuthorityPem]);
        _folder.Write("below.key", key);
    }

    private static string Header(string answer, string name) =>
        answer.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.Ordinal))?[(name.Length + 2)..].Trim() ?? "";

    /// <summary>Exchanges a symbolic link as `ln -s; mv -T` does.</summary>
    private void Swap(string to)
    {
        File.CreateSymbolicLink(_folder["watched/new"], _folder[to]);
        using var move = System.Diagnostics.Process.Start("mv", ["-T", _folder["watched/new"], _folder["watched/current"]]);
        move.WaitForExit();
        Assert.Equal(0, move.ExitCode);
    }

    private static string TlsFolderSocket(string fields) =>
        $"{{ name: tls, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, {fields} }} }}";

    private string Trusted(string checks = "") => $"validation_context: {TrustedContext(checks)}";

    private string TrustedUpstream(string checks = "") => Trusted(checks);

    private string TrustedContext(string checks) => $"{{ trusted_ca: {{ filename: {_folder["ca.pem"]} }}{(checks.Length == 0 ? "" : ", " + checks)} }}";

    /// <summary>A listener that answers with what it knows of the connection.</summary>
    private static RunningServer Run(string socket, string manager = "", string more = "") => new(Bootstrap(socket, manager, more));

    private static string Bootstrap(string socket, string manager = "", string more = "") => $$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
        {{more}}
          listeners:
          - name: web
            stat_prefix: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - transport_socket: {{socket}}
              filters:
              - name: http
                typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: web, {{manager}}
                  route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, direct_response: { status: 200 } } ] } ], response_headers_to_add: [
                    { header: { key: x-facts, value: "%REQ(x-forwarded-proto)% %DOWNSTREAM_TLS_VERSION% %REQUESTED_SERVER_NAME% %DOWNSTREAM_PEER_SUBJECT% %DOWNSTREAM_PEER_URI_SAN%" } },
                    { header: { key: x-scheme, value: "%REQ(:scheme)%" } },
                    { header: { key: x-protocol, value: "%PROTOCOL%" } },
                    { header: { key: x-xfcc, value: "%REQ(x-forwarded-client-cert)%" } } ] },
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ] }
        """;

    /// <summary>A clear-text listener before endpoints.</summary>
    private static RunningServer RunProxy(string cluster, params (IPEndPoint Address, string More)[] endpoints) => RunProxy(cluster, "", endpoints);

    private static RunningServer RunProxy(string cluster, string manager, params (IPEndPoint Address, string More)[] endpoints) => new($$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          listeners:
          - name: front
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: http
                typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: front, {{manager}}
                  route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: backend } } ] } ] },
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ] }
          clusters:
          - name: backend
            {{cluster}}
            load_assignment: { cluster_name: backend, endpoints: [ { lb_endpoints: [
              {{string.Join(",\n      ", endpoints.Select(endpoint => $"{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {endpoint.Address.Port} }} }} }}{(endpoint.More.Length > 0 ? ", " + endpoint.More : "")} }}"))}}
            ] } ] }
        """);

    private static async Task<string> Plain(RunningServer running)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri($"http://{running.Listener()}/"));
        return $"{(int)response.StatusCode}\n{response.Headers}\n{await response.Content.ReadAsStringAsync()}";
    }

    private static async Task<long> Stat(RunningServer running, string name)
    {
        var text = await running.Admin!.GetStringAsync($"stats?filter={name}");
        return text.Split('\n').Where(line => line.Contains("web", StringComparison.Ordinal) && line.Contains(name + ": ", StringComparison.Ordinal)).Select(line => long.Parse(line.Split(": ")[1], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
    }

    private static Task StatComes(RunningServer running, string name) => ExpectStat(running, name, 1);

    private static Task ExpectStat(RunningServer running, string name, long value) => Until(async () => await Stat(running, name) == value);

    private static async Task Until(Func<Task<bool>> condition)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), "the condition did not come true");
            await Task.Delay(20);
        }
    }
}
