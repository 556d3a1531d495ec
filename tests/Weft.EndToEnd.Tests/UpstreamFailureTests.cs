using System.Net;
using System.Net.Sockets;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests;

/// <summary>The answers that the proxy gives itself: status, text, flag, as Envoy.</summary>
public sealed class UpstreamFailureTests
{
    private const string Log = """
                  access_log:
                  - name: envoy.access_loggers.stdout
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
                      log_format: { text_format_source: { inline_string: "LOG %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%\n" } }
        """;

    [Fact]
    public async Task A_refused_connection_is_503_UF()
    {
        // Bound, so that nobody else gets the port, but not listening.
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await Expect(
            Configs.HttpProxy(((IPEndPoint)closed.LocalEndPoint!).Port, Log),
            503,
            "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused",
            "LOG 503 UF upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}");
    }

    [Fact]
    public async Task No_route_is_404_NR()
    {
        await Expect(Configs.HttpProxy(1, Log, routes: "              - { match: { path: /other }, route: { cluster: backend } }"), 404, "", "LOG 404 NR route_not_found");
    }

    [Fact]
    public async Task An_empty_cluster_is_503_UH()
    {
        var yaml = Configs.HttpProxy(1, Log);
        yaml = yaml[..yaml.IndexOf("    load_assignment", StringComparison.Ordinal)];
        await Expect(yaml, 503, "no healthy upstream", "LOG 503 UH no_healthy_upstream");
    }

    [Fact]
    public async Task A_slow_upstream_is_504_UT_at_the_route_timeout()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) => await peer.ReadToEndAsync());
        await Expect(
            Configs.HttpProxy(upstream.Port, Log, routes: "              - { match: { prefix: / }, route: { cluster: backend, timeout: 0.2s } }"),
            504,
            "upstream request timeout",
            "LOG 504 UT response_timeout");
    }

    [Fact]
    public async Task A_full_circuit_breaker_is_503_UO_with_x_envoy_overloaded()
    {
        const string Breakers = "    circuit_breakers: { thresholds: [{ max_connections: 1, max_pending_requests: 0 }] }";
        using var upstream = new ScriptedUpstream(async (peer, _) => await peer.ReadToEndAsync());
        var answer = await Expect(
            Configs.HttpProxy(upstream.Port, Log, Breakers),
            503,
            "upstream connect error or disconnect/reset before headers. reset reason: overflow",
            "LOG 503 UO upstream_reset_before_response_started{overflow}");
        Assert.Equal("true", Assert.Single(answer.Headers.GetValues("x-envoy-overloaded")));
    }

    private static async Task<HttpResponseMessage> Expect(string yaml, int status, string body, string logLine)
    {
        await using var weft = await WeftProcess.StartAsync(yaml);
        var answer = await weft.Http.GetAsync(new Uri($"http://127.0.0.1:{await weft.Port("web")}/"));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
        await Wait.Until(() => Task.FromResult(weft.Log.Contains(logLine, StringComparison.Ordinal)), logLine, () => weft.Log);
        return answer;
    }
}
