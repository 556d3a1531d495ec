using System.Net;
using System.Security.Cryptography;
using Weft.Config;
using Weft.Net.Tests.Tls;
using Weft.Net.Tls;
using Weft.Proxy.Tests.HttpFilters;
using Weft.Proxy.TransportSockets.Tls;
using static Weft.Proxy.Tests.TransportSockets.Tls.TlsServers;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>Whom a listener lets in by the certificate of the client, and what upstreams hear of it.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private readonly TlsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
        using var running = Run(_folder.Downstream("require_client_certificate: true", _folder.Trusted(checks)));
        Assert.Equal(accepted, await _folder.Get(running.Listener(), "client") is not null);
        if (statistic.Length > 0)
            await ExpectStat(running, "ssl." + statistic, 1);
        Assert.Null(await _folder.Get(running.Listener()));
        await ExpectStat(running, "ssl.fail_verify_no_cert", 1);
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
        using var running = Run(_folder.Downstream(common: _folder.Trusted($"match_typed_subject_alt_names: [ {{ {matcher} }} ]")));
        Assert.Equal(accepted, await _folder.Get(running.Listener(), "names") is not null);
        if (!accepted)
            await ExpectStat(running, "ssl.fail_verify_san", 1);
    }

    [Theory]
    [InlineData("exact: client.example")]
    [InlineData("prefix: client.example")]
    [InlineData("safe_regex: { regex: 'client.*' }")]
    public void A_name_with_a_nul_is_nobodys(string matcher)
    {
        var source = Filters.Read<Envoy.Extensions.TransportSockets.Tls.V3.CertificateValidationContext>($"match_typed_subject_alt_names: [ {{ san_type: DNS, matcher: {{ {matcher} }} }} ]");
        var compiled = Assert.Single(SanMatcher.Create(source, new ConfigContext()));
        Assert.True(compiled.IsMatch(new SubjectAltName(SubjectAltNameKind.Dns, "client.example")));
        Assert.False(compiled.IsMatch(new SubjectAltName(SubjectAltNameKind.Dns, "client.example\0.evil.test")));
    }

    [Fact]
    public async Task A_client_certificate_that_has_expired_is_refused_unless_that_is_allowed()
    {
        _folder.Write("late", _folder.Authority.IssuePem("CN=late", validDays: 0));
        using var strict = Run(_folder.Downstream("require_client_certificate: true", _folder.Trusted()));
        Assert.Null(await _folder.Get(strict.Listener(), "late"));
        await ExpectStat(strict, "ssl.fail_verify_error", 1);
        using var lenient = Run(_folder.Downstream("require_client_certificate: true", _folder.Trusted("allow_expired_certificate: true")));
        Assert.NotNull(await _folder.Get(lenient.Listener(), "late"));
    }

    [Fact]
    public async Task A_client_certificate_of_another_authority_is_refused_unless_untrusted_ones_are_accepted()
    {
        using var stranger = new TestCertificates("Stranger");
        _folder.Write("stranger", stranger.IssuePem("CN=stranger"));
        using var strict = Run(_folder.Downstream(common: _folder.Trusted()));
        Assert.Null(await _folder.Get(strict.Listener(), "stranger"));
        await ExpectStat(strict, "ssl.fail_verify_error", 1);
        using var lenient = Run(_folder.Downstream(common: _folder.Trusted("trust_chain_verification: ACCEPT_UNTRUSTED")));
        Assert.NotNull(await _folder.Get(lenient.Listener(), "stranger"));
        await ExpectStat(lenient, "ssl.fail_verify_error", 1);
    }

    [Fact]
    public async Task A_revoked_client_certificate_is_refused()
    {
        _folder.Issue("good", "CN=good", names => names.AddDnsName("good.example"));
        using var revoked = _folder.Load("client");
        _folder.Write("crl.pem", _folder.Authority.RevocationList(revoked));
        using var running = Run(_folder.Downstream(common: _folder.Trusted($"crl: {{ filename: {_folder["crl.pem"]} }}")));
        Assert.NotNull(await _folder.Get(running.Listener(), "good"));
        Assert.Null(await _folder.Get(running.Listener(), "client"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Every_certificate_of_a_chain_needs_a_revocation_list_unless_only_the_first_is_checked(bool onlyFirst, bool accepted)
    {
        using var intermediate = new TestCertificates("Intermediate", issuer: _folder.Authority);
        _folder.Write("below", intermediate.IssuePem("CN=below"));
        using var revoked = _folder.Load("client");
        // Of the intermediate authority alone: whether that one is revoked nobody says.
        _folder.Write("crl.pem", intermediate.RevocationList(revoked));
        _folder.Write("cas.pem", [.. _folder.Authority.AuthorityPem, (byte)'\n', .. intermediate.AuthorityPem]);
        var validation = $"validation_context: {{ trusted_ca: {{ filename: {_folder["cas.pem"]} }}, crl: {{ filename: {_folder["crl.pem"]} }}, only_verify_leaf_cert_crl: {(onlyFirst ? "true" : "false")} }}";
        using var running = Run(_folder.Downstream(common: validation));
        Assert.Equal(accepted, await _folder.Get(running.Listener(), "below") is not null);
    }

    [Fact]
    public void A_required_client_certificate_that_nobody_checks_is_warned_about()
    {
        using var running = Run(_folder.Downstream("require_client_certificate: true"));
        Assert.Contains(running.Findings.All, finding => finding.Severity == Severity.Warning && finding.Text.StartsWith("client certificates are required but not verified", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SANITIZE", "")]
    [InlineData("FORWARD_ONLY", "By=spiffe://spoofed")]
    [InlineData("ALWAYS_FORWARD_ONLY", "By=spiffe://spoofed")]
    [InlineData("SANITIZE_SET", "Hash=#;Subject=\"CN=client,O=Weft\";URI=spiffe://one.example/client;DNS=client.example")]
    [InlineData("APPEND_FORWARD", "By=spiffe://spoofed,Hash=#;Subject=\"CN=client,O=Weft\";URI=spiffe://one.example/client;DNS=client.example")]
    public async Task What_upstreams_hear_of_client_certificates_is_configured(string mode, string expected)
    {
        using var running = Run(_folder.Downstream(common: _folder.Trusted()), $"forward_client_cert_details: {mode}, set_current_client_cert_details: {{ subject: true, uri: true, dns: true }},");
        using var certificate = _folder.Load("client");
        var answer = await _folder.Get(running.Listener(), "client", headers: "x-forwarded-client-cert: By=spiffe://spoofed\r\n");
        var hash = certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
        Assert.Equal(expected.Replace("#", hash, StringComparison.Ordinal), Header(answer!, "x-xfcc"));
        var anonymous = await _folder.Get(running.Listener(), headers: "x-forwarded-client-cert: By=spiffe://spoofed\r\n");
        Assert.Equal(mode == "ALWAYS_FORWARD_ONLY" ? "By=spiffe://spoofed" : "", Header(anonymous!, "x-xfcc"));
    }

    private static string Header(string answer, string name) =>
        answer.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.Ordinal))?[(name.Length + 2)..].Trim() ?? "";
}
