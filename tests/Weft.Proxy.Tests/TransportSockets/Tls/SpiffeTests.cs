using System.Text.Json;
using System.Text.RegularExpressions;
using Weft.Config;
using Weft.Net.Tests.Tls;
using Weft.Proxy.Tests.Bootstrap;
using static Weft.Proxy.Tests.Listeners.TestListener;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>envoy.tls.cert_validator.spiffe: who is let in, and what is told of its trust domains.</summary>
public sealed class SpiffeTests : IDisposable
{
    private readonly TlsFolder _folder = new();
    private readonly TestCertificates _other = new("Other", validDays: 3);

    public SpiffeTests() => _folder.Write("other-ca.pem", _other.AuthorityPem);

    public void Dispose()
    {
        _other.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_identity_counts_only_with_the_bundle_of_its_own_trust_domain()
    {
        Issue("impostor", "spiffe://one.example/client");
        using var running = Start();
        Assert.NotNull(await _folder.Get(running.Listener(), "client"));
        Assert.Null(await _folder.Get(running.Listener(), "impostor"));
        await Until(async () => await Stat(running, "ssl.fail_verify_error") == 1);
        Assert.Null(await _folder.Get(running.Listener()));
    }

    [Theory]
    [InlineData("trust_chain_verification: ACCEPT_UNTRUSTED", "impostor", false, "trust_chain_verification has no effect")]
    [InlineData("match_typed_subject_alt_names: [ { san_type: URI, matcher: { suffix: /client } } ]", "client", true, "")]
    [InlineData("match_typed_subject_alt_names: [ { san_type: URI, matcher: { suffix: /server } } ]", "client", false, "")]
    [InlineData("match_typed_subject_alt_names: [ { san_type: URI, matcher: { suffix: /server } }, { san_type: DNS, matcher: { exact: client.example } } ]", "client", false, "of names only those of the type URI are looked for")]
    [InlineData("verify_certificate_hash: [ 'df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a' ]", "client", true, "verify_certificate_hash has no effect")]
    public async Task The_trust_domains_alone_decide_and_what_has_no_effect_beside_them_is_said(string checks, string client, bool isLetIn, string warning)
    {
        Issue("impostor", "spiffe://one.example/client");
        using var running = Start(", " + checks);
        Assert.Equal(isLetIn, await _folder.Get(running.Listener(), client) is not null);
        Assert.Equal(warning.Length > 0, running.Findings.All.Any(finding => finding.Severity == Severity.Warning && finding.Text.Contains(warning, StringComparison.Ordinal) && warning.Length > 0));
    }

    [Fact]
    public async Task The_first_authority_is_shown_and_all_of_them_expire()
    {
        using var running = Start();
        using var certs = JsonDocument.Parse(await running.Admin!.GetStringAsync("certs"));
        var shown = Assert.Single(Assert.Single(certs.RootElement.GetProperty("certificates").EnumerateArray()).GetProperty("ca_cert").EnumerateArray());
        Assert.Equal("one.example: " + _folder["ca.pem"], shown.GetProperty("path").GetString());
        Assert.Equal("29", shown.GetProperty("days_until_expiration").GetString());
        // The other domain's authority ends first.
        await ExpectStat(running, "server.days_until_first_cert_expiring", 2);
        var gauges = await running.Admin.GetStringAsync("stats?filter=ca_cert.*expiration_unix_time_seconds");
        var ends = Regex.Matches(gauges, @"ssl\.certificate\.unnamed_ca_cert_(\d)\.expiration_unix_time_seconds: (\d+)\n").ToDictionary(match => match.Groups[1].Value, match => long.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(2, ends.Count);
        Assert.Equal(27, (ends["0"] - ends["1"]) / 86_400);
    }

    private void Issue(string name, string uri)
    {
        _folder.Write(name, _other.IssuePem("CN=" + name, names => names.AddUri(new Uri(uri))));
    }

    /// <summary>Trusts one.example's members by the folder's authority, and two.example's by the other.</summary>
    private RunningServer Start(string checks = "")
    {
        var domains = $"trust_domains: [ {{ name: one.example, trust_bundle: {{ filename: {_folder["ca.pem"]} }} }}, {{ name: two.example, trust_bundle: {{ filename: {_folder["other-ca.pem"]} }} }} ]";
        var validator = $"custom_validator_config: {{ name: envoy.tls.cert_validator.spiffe, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig, {domains} }} }}";
        return Run("", $"transport_socket: {_folder.Downstream(common: $"validation_context: {{ {validator}{checks} }}")}, filters: [ {HttpFilter("one")} ]");
    }
}
