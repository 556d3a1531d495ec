using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>TLS at the edge and between proxies: termination, origination, mutual, with certificates by the openssl tool.</summary>
public sealed class TlsTests
{
    [NetnsFact]
    public async Task The_edge_redirects_to_https_and_speaks_tls_and_mutual_tls_to_its_services()
    {
        using var certificates = new TlsFiles();
        certificates.Issue("front", "DNS:www.weft.example");
        certificates.Issue("edge", "URI:spiffe://mesh.example/edge");
        certificates.Issue("gray", "DNS:gray.mesh.example");
        certificates.Issue("purple", "URI:spiffe://mesh.example/purple");
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.90.2");
        var edge = network.AddHost("edge", "172.31.90.3");
        var grayHost = network.AddHost("gray", "172.31.90.11");
        var purpleHost = network.AddHost("purple", "172.31.90.12");
        grayHost.AddWebServer(8080, address: "127.0.0.1");
        var purpleApplication = purpleHost.AddWebServer(8080, address: "127.0.0.1");
        client.SetNames("172.31.90.3 www.weft.example");
        await using var gray = await WeftProcess.StartOnAsync(grayHost, "Tls/gray.yaml", certificates);
        await using var purple = await WeftProcess.StartOnAsync(purpleHost, "Tls/purple.yaml", certificates);
        await using var front = await WeftProcess.StartOnAsync(edge, "Tls/front.yaml", certificates);
        string[] trusting = ["--cacert", certificates["ca.crt"]];

        var redirect = await client.Curl("-i", "http://www.weft.example/gray");
        Assert.StartsWith("HTTP/1.1 301 Moved Permanently\r\n", redirect, StringComparison.Ordinal);
        Assert.Contains("\r\nlocation: https://www.weft.example:443/gray\r\n", redirect, StringComparison.Ordinal);

        Assert.Contains("ServerName: gray, ", await client.Curl([.. trusting, "https://www.weft.example/gray"]), StringComparison.Ordinal);
        await Wait.Until(() => Task.FromResult(gray.Log.Contains("TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 gray.mesh.example - - -", StringComparison.Ordinal)), "the log line of gray", () => gray.Log);

        Assert.Contains("ServerName: purple, ", await client.Curl([.. trusting, "https://www.weft.example/purple"]), StringComparison.Ordinal);
        var fingerprint = certificates.Describe("edge", "-fingerprint", "-sha256").Split('=')[1].Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        var subject = certificates.Describe("edge", "-subject", "-nameopt", "RFC2253")["subject=".Length..];
        var line = $"TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 - {subject} spiffe://mesh.example/edge {fingerprint}";
        await Wait.Until(() => Task.FromResult(purple.Log.Contains(line, StringComparison.Ordinal)), "the log line of purple", () => purple.Log);
        var head = Assert.Single(purpleApplication.Requests);
        Assert.Contains($"\r\nx-forwarded-client-cert: By=spiffe://mesh.example/purple;Hash={fingerprint};Subject=\"{subject}\";URI=spiffe://mesh.example/edge\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nx-forwarded-proto: https\r\n", head, StringComparison.Ordinal);

        var stranger = await client.Curl([.. trusting, "-i", "https://www.weft.example/stranger"]);
        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", stranger, StringComparison.Ordinal);
        Assert.Contains("transport failure reason: TLS_error:|268436496:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE:TLS_error_end", stranger, StringComparison.Ordinal);
        await Wait.Until(() => Task.FromResult(front.Log.Contains("\"GET /stranger HTTP/1.1\" 503 UF", StringComparison.Ordinal)), "the log line of the edge", () => front.Log);
        await front.WaitForLog("\"GET /gray HTTP/1.1\" 301 - 0 0 ");
        await front.WaitForLog("\"GET /gray HTTP/1.1\" 200 - 0 ");
        Assert.Matches("\"GET /gray HTTP/1.1\" 200 - 0 [0-9]+ [0-9]+ [0-9]+ \"172.31.90.2\" \"curl/", front.Log);
        await purple.ExpectStat("listener.0.0.0.0_443.ssl.fail_verify_no_cert", 1);
        await front.ExpectStat("cluster.purple.ssl.handshake", 1);
    }

    [NetnsFact]
    public async Task The_certificates_in_use_are_listed_as_envoy_lists_them()
    {
        using var certificates = new TlsFiles();
        certificates.Issue("purple", "URI:spiffe://mesh.example/purple,DNS:purple.example,IP:10.1.2.3");
        using var network = new TestNetwork();
        var host = network.AddHost("purple", "172.31.91.12");
        await using var weft = await WeftProcess.StartOnAsync(host, "Tls/purple.yaml", certificates);
        var text = await weft.GetAdmin("/certs");
        var serial = certificates.Describe("purple", "-serial").Split('=')[1].ToLowerInvariant();
        var from = Date("purple", "-startdate");
        var until = Date("purple", "-enddate");
        Assert.Contains($$"""
               "cert_chain": [
                {
                 "path": "tls/purple.crt",
                 "serial_number": "{{serial}}",
                 "subject_alt_names": [
                  {
                   "dns": "purple.example"
                  },
                  {
                   "uri": "spiffe://mesh.example/purple"
                  },
                  {
                   "ip_address": "10.1.2.3"
                  }
                 ],
                 "days_until_expiration": "19",
                 "valid_from": "{{from}}",
                 "expiration_time": "{{until}}"
                }
               ]
            """.Replace("            ", "", StringComparison.Ordinal).ReplaceLineEndings("\n").Trim(), text, StringComparison.Ordinal);
        Assert.StartsWith("{\n \"certificates\": [\n  {\n   \"ca_cert\": [\n    {\n     \"path\": \"tls/ca.crt\",\n", text, StringComparison.Ordinal);

        string Date(string name, string what) =>
            DateTime.ParseExact(certificates.Describe(name, what).Split('=')[1].Replace("  ", " ", StringComparison.Ordinal), "MMM d HH:mm:ss yyyy 'GMT'", System.Globalization.CultureInfo.InvariantCulture).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
    }

    [NetnsFact]
    public async Task Openssl_and_curl_get_what_the_listener_is_configured_for_and_nothing_else()
    {
        using var certificates = new TlsFiles();
        certificates.Issue("gray", "DNS:gray.mesh.example");
        using var network = new TestNetwork();
        var host = network.AddHost("gray", "172.31.92.11");
        host.AddWebServer(8080, address: "127.0.0.1");
        await using var weft = await WeftProcess.StartOnAsync(host, "Tls/gray.yaml", certificates);
        async Task<string> Client(params string[] arguments)
        {
            string[] command = ["netns", "exec", host.Namespace, Shell.PathOf("openssl"), "s_client", "-connect", "172.31.92.11:443", "-CAfile", certificates["ca.crt"], .. arguments];
            var (_, output, error) = await Shell.RunAsync("sh", ["-c", "echo Q | \"$@\"", "sh", Shell.PathOf("ip"), .. command]);
            return output + error;
        }

        var modern = await Client("-servername", "gray.mesh.example", "-verify_hostname", "gray.mesh.example");
        Assert.Contains("Verify return code: 0 (ok)", modern, StringComparison.Ordinal);
        Assert.Contains("New, TLSv1.3", modern, StringComparison.Ordinal);
        Assert.Contains("New, TLSv1.2", await Client("-tls1_2"), StringComparison.Ordinal);
        Assert.Contains("alert protocol version", await Client("-tls1", "-cipher", "ALL:@SECLEVEL=0"), StringComparison.Ordinal);
        Assert.Contains("Reused", await Client("-tls1_2", "-reconnect"), StringComparison.Ordinal);
    }
}
