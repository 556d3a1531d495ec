using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>The only server dies, freezes or misbehaves: the client's status, the flag and the details in the access log, the counter.</summary>
public sealed class FaultsToldTests
{
    private const string NoAnswer = "no answer";

    private const string Log = """
                  access_log: { name: envoy.access_loggers.stdout, typed_config: { "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog,
                    log_format: { text_format_source: { inline_string: "LOG %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%\n" } } } }
        """;

    [Theory]
    [InlineData("half a head", "503 UC upstream_reset_before_response_started{connection_termination|http1.codec_error}", "cluster.backend.upstream_cx_destroy_remote_with_active_rq")]
    [InlineData("close", "503 UC upstream_reset_before_response_started{connection_termination}", "cluster.backend.upstream_cx_destroy_remote_with_active_rq")]
    [InlineData("reset", "503 UC upstream_reset_before_response_started{connection_termination}", "cluster.backend.upstream_cx_destroy_remote_with_active_rq")]
    [InlineData("no HTTP", "502 UPE upstream_reset_before_response_started{protocol_error|http1.codec_error}", "cluster.backend.upstream_cx_protocol_error")]
    [InlineData(NoAnswer, "504 UT response_timeout", "cluster.backend.upstream_rq_timeout")]
    [InlineData("half a body", "200 UC upstream_reset_after_response_started{connection_termination|http1.codec_error}", "http.web.rq_reset_after_downstream_response_started")]
    public async Task What_a_server_does_wrong_is_told(string fault, string line, string counter)
    {
        using var server = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            if (fault == "half a head")
                await peer.SendAsync("HTTP/1.1 200 OK\r\nconte");
            else if (fault == "half a body")
                await peer.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
            else if (fault == "no HTTP")
                await peer.SendAsync("SSH-2.0-OpenSSH\r\n\r\n");
            else if (fault == "reset")
                peer.Abort();
            else if (fault == NoAnswer)
                await peer.ReadToEndAsync();
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(server.Port, manager: Log, routes: Route(fault == NoAnswer ? "0.3s" : "60s")));
        await SendAsync(weft, line);
        await weft.WaitForStat(counter, 1);
    }

    [Fact]
    public async Task A_server_that_is_killed_is_a_connection_that_fails()
    {
        await using var doomed = await WeftProcess.StartAsync(Server);
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(await doomed.Port("web"), manager: Log, routes: Route("60s")));
        await SendAsync(weft, "200 - via_upstream");
        doomed.Signal("KILL");
        await doomed.WaitForExitAsync();
        await SendAsync(weft, "503 UF upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_");
        await weft.WaitForStat("cluster.backend.upstream_cx_connect_fail", 1);
    }

    [Fact]
    public async Task A_server_that_is_stopped_takes_too_long_and_is_asked_again_when_it_goes_on()
    {
        await using var frozen = await WeftProcess.StartAsync(Server);
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(await frozen.Port("web"), manager: Log, routes: Route("5s")));
        await SendAsync(weft, "200 - via_upstream");
        frozen.Signal("STOP");
        await SendAsync(weft, "504 UT response_timeout");
        await weft.WaitForStat("cluster.backend.upstream_rq_timeout", 1);
        frozen.Signal("CONT");
        await SendAsync(weft, "200 - via_upstream", already: 1);
    }

    private static string Route(string timeout) => $"              - {{ match: {{ prefix: / }}, route: {{ cluster: backend, timeout: {timeout} }} }}";

    /// <summary>A process that answers every request itself.</summary>
    private static string Server => Configs.HttpProxy(1, routes: "              - { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: fine } } }");

    /// <summary>Sends a request; its status and its line in the access log are as given.</summary>
    /// <param name="already">How many such lines there are before.</param>
    private static async Task SendAsync(WeftProcess weft, string line, int already = 0)
    {
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {line[..3]} ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await Wait.Until(() => Task.FromResult(weft.Log.Split("LOG " + line).Length - 1 > already), line, () => weft.Log);
    }
}
