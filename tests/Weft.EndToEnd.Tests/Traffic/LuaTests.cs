using System.Text;
using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Scripts in a whole proxy.</summary>
public sealed class LuaTests
{
    [Fact]
    public async Task A_script_sees_who_the_client_is()
    {
        using var files = new TlsFiles();
        files.Issue("server", "DNS:localhost");
        files.Issue("client", "URI:spiffe://mesh/client,DNS:client.example");
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("ok"));
        const string script = """
            function envoy_on_request(handle)
              local ssl = handle:connection():ssl()
              local same = handle:streamInfo():downstreamSslConnection()
              local subject = ssl:parsedSubjectPeerCertificate()
              local lines = {
                tostring(ssl:peerCertificatePresented()), tostring(ssl:peerCertificateValidated()), ssl:uriSanPeerCertificate()[1], ssl:dnsSansPeerCertificate()[1],
                ssl:dnsSansLocalCertificate()[1], tostring(#ssl:uriSanLocalCertificate()), ssl:subjectPeerCertificate(), ssl:issuerPeerCertificate(), ssl:subjectLocalCertificate(),
                subject:commonName(), subject:organizationName()[1], ssl:tlsVersion(), ssl:ciphersuiteId(), same:ciphersuiteString(), ssl:oidsPeerCertificate()[1],
                tostring(ssl:expirationPeerCertificate() - ssl:validFromPeerCertificate()), tostring(#ssl:sha256PeerCertificateDigest()), ssl:serialNumberPeerCertificate(),
                ssl:urlEncodedPemEncodedPeerCertificate():sub(1, 32), tostring(#ssl:urlEncodedPemEncodedPeerCertificateChain() >= #ssl:urlEncodedPemEncodedPeerCertificate()),
                tostring(#ssl:sessionId() % 2), handle:streamInfo():requestedServerName(), handle:streamInfo():protocol(),
              }
              handle:respond({ [":status"] = "200" }, table.concat(lines, "\n") .. "\n")
            end
            """;
        await using var weft = await WeftProcess.StartAsync(Proxy(upstream.Port, script, socket: $$"""
                  transport_socket:
                    name: tls
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                      require_client_certificate: true
                      common_tls_context:
                        tls_certificates: [ { certificate_chain: { filename: {{files["server.crt"]}} }, private_key: { filename: {{files["server.key"]}} } } ]
                        validation_context: { trusted_ca: { filename: {{files["ca.crt"]}} } }
            """));
        var answer = Shell.Run("curl",
        [
            "-sS", "--http1.1", "--tlsv1.3", "--tls13-ciphers", "TLS_AES_128_GCM_SHA256", "--cacert", files["ca.crt"], "--cert", files["client.crt"], "--key", files["client.key"],
            $"https://localhost:{await weft.Port("web")}/",
        ]);
        Assert.Equal(
            [
                "true", "true", "spiffe://mesh/client", "client.example", "localhost", "0", "CN=client,O=Weft", "CN=Test CA,O=Weft", "CN=server,O=Weft", "client", "Weft", "TLSv1.3", "0x1301",
                "TLS_AES_128_GCM_SHA256", "2.5.29.17", $"{20 * 24 * 3600}", "64", files.Describe("client", "-serial").Split('=')[1].ToLowerInvariant(), "-----BEGIN%20CERTIFICATE-----%0A", "true", "0",
                "localhost", "HTTP/1.1",
            ],
            answer.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Many_requests_at_once_each_have_their_own_script()
    {
        using var auth = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                var head = await peer.ReadUntilAsync("\r\n\r\n");
                peer.Forget();
                var path = head.Split(' ')[1];
                await peer.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-user: user-{path[1..]}\r\n\r\n");
            }
        });
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                var head = await peer.ReadUntilAsync("\r\n\r\n");
                var length = int.Parse(head.Split("content-length: ")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
                var start = head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
                var all = await peer.ReadUntilAsync(start + length);
                peer.Forget();
                await peer.SendAsync(ScriptedUpstream.Ok(head.Split("x-user: ")[1].Split('\r')[0] + "=" + all[start..]));
            }
        });
        const string script = """
            function envoy_on_request(handle)
              local body = handle:body()
              local text = body:getBytes(0, body:length())
              local headers = handle:httpCall("auth", { [":method"] = "GET", [":path"] = "/" .. text, [":authority"] = "auth" }, nil, 60000)
              handle:headers():replace("x-user", headers["x-user"])
              handle:body():setBytes("(" .. text .. ")")
            end
            function envoy_on_response(handle)
              local body = handle:body()
              body:setBytes(body:getBytes(0, body:length()) .. "!")
            end
            """;
        await using var weft = await WeftProcess.StartAsync(Proxy(upstream.Port, script) + $$"""

              - name: auth
                load_assignment:
                  cluster_name: auth
                  endpoints:
                  - lb_endpoints:
                    - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{auth.Port}} } } }
            """);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{await weft.Port("web")}/") };
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, token) =>
        {
            using var response = await client.PostAsync("", new StringContent($"{number}"), token);
            Assert.Equal($"user-{number}=({number})!", await response.Content.ReadAsStringAsync(token));
        });
        await weft.ExpectStat("http.web.lua.errors", 0);
        await weft.ExpectStat("http.web.lua.executions", 4000);
    }

    [Fact]
    public async Task A_script_with_a_fault_is_refused_with_its_place_in_the_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Proxy(1, "function envoy_on_request(handle)\n  local x == 1\nend"));
            var (exitCode, output, error) = await WeftProcess.RunAsync("proxy", "-c", file, "--mode", "validate");
            Assert.Equal(1, exitCode);
            Assert.Contains("script load error: [string \"function envoy_on_request(handle)...\"]:2: unexpected symbol near '=='", output + error, StringComparison.Ordinal);
            Assert.Matches(@":\d+:\d+ .*http_filters\[0\]\.typed_config\.default_source_code\.inline_string", output + error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Proxy(int upstreamPort, string script, string socket = "")
    {
        var filter = $"- {{ name: lua, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, default_source_code: {{ inline_string: {JsonSerializer.Serialize(script)} }} }} }}";
        var yaml = new StringBuilder(Configs.HttpProxy(upstreamPort));
        yaml.Replace("          - name: envoy.filters.http.router", $"          {filter}\n          - name: envoy.filters.http.router");
        return yaml.Replace("  clusters:\n  - name: backend", $"{socket}\n  clusters:\n  - name: backend").ToString();
    }
}
