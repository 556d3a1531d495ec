using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>One of two servers dies, freezes or misbehaves: with a retry policy no request is lost that could be saved, and what cannot be saved says so.</summary>
public sealed class FaultsSurvivedTests
{
    private const string RetryElsewhere =
        "retry_host_predicate: [{ name: envoy.retry_host_predicates.previous_hosts }], host_selection_retry_max_attempts: 5, num_retries: 3";

    [Fact]
    public async Task A_server_that_is_killed_costs_no_request()
    {
        await using var doomed = await WeftProcess.StartAsync(Server("doomed"));
        await using var steady = await WeftProcess.StartAsync(Server("steady"));
        await using var weft = await WeftProcess.StartAsync(Proxy([await doomed.Port("web"), await steady.Port("web")], $"retry_on: 'reset,connect-failure', {RetryElsewhere}"));
        var url = new Uri($"http://127.0.0.1:{await weft.Port("web")}/");
        await using var flow = new RequestFlow(url);
        await weft.WaitForStat("cluster.backend.upstream_rq_200", 20);

        doomed.Signal("KILL");
        await weft.WaitForStat("cluster.backend.upstream_cx_connect_fail", 1);
        await flow.StopAsync();
        Assert.Empty(flow.Failures);
        Assert.Equal("steady", await weft.Http.GetStringAsync(url));
        await weft.ExpectStat("cluster.backend.upstream_rq_retry_success", await weft.Stat("cluster.backend.upstream_rq_retry"));
    }

    [Fact]
    public async Task A_server_that_is_stopped_costs_a_time_out_of_one_try_and_no_request()
    {
        await using var frozen = await WeftProcess.StartAsync(Server("frozen"));
        await using var steady = await WeftProcess.StartAsync(Server("steady"));
        await using var weft = await WeftProcess.StartAsync(Proxy([await frozen.Port("web"), await steady.Port("web")], $"retry_on: 5xx, per_try_timeout: 4s, {RetryElsewhere}"));
        var url = new Uri($"http://127.0.0.1:{await weft.Port("web")}/");
        for (var i = 0; i < 8; i++)
            Assert.Equal(HttpStatusCode.OK, (await weft.Http.GetAsync(url)).StatusCode);

        frozen.Signal("STOP");
        for (var i = 0; i < 4; i++)
            Assert.Equal("steady", await weft.Http.GetStringAsync(url));
        await weft.WaitForStat("cluster.backend.upstream_rq_per_try_timeout", 1);
        Assert.Equal(0, await weft.Stat("cluster.backend.upstream_rq_5xx"));
        frozen.Signal("CONT");
    }

    [Theory]
    [InlineData("half a head")]
    [InlineData("reset")]
    [InlineData("no answer")]
    [InlineData("close")]
    public async Task A_server_that_fails_before_its_answer_costs_no_request_and_a_body_arrives_whole(string fault)
    {
        using var bad = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            if (fault == "half a head")
                await peer.SendAsync("HTTP/1.1 200 OK\r\nconte");
            else if (fault == "reset")
                peer.Abort();
            else if (fault == "no answer")
                await peer.ReadToEndAsync();
        });
        var served = 0;
        using var good = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                var request = await peer.ReadUntilAsync("\r\n\r\nbody-of-request");
                peer.Forget();
                Interlocked.Increment(ref served);
                await peer.SendAsync(ScriptedUpstream.Ok(request[^15..]));
            }
        });
        // Only silence is to end by time.
        var patience = fault == "no answer" ? "4s" : "60s";
        await using var weft = await WeftProcess.StartAsync(Proxy([bad.Port, good.Port], $"retry_on: 5xx, per_try_timeout: {patience}, {RetryElsewhere}"));
        for (var i = 0; i < 2; i++)
        {
            using var body = new StringContent("body-of-request");
            using var answer = await weft.Http.PostAsync(new Uri($"http://127.0.0.1:{await weft.Port("web")}/"), body);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("body-of-request", await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal(2, served);
        await weft.WaitForStat("cluster.backend.upstream_rq_retry_success", 1);
    }

    [Fact]
    public async Task Half_a_response_is_cut_off_and_never_completed_by_another_server()
    {
        using var bad = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            await peer.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        });
        await using var weft = await WeftProcess.StartAsync(Proxy([bad.Port], $"retry_on: '5xx,reset', {RetryElsewhere}"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.EndsWith("\r\n\r\nhalf", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await weft.WaitForStat("http.web.rq_reset_after_downstream_response_started", 1);
        Assert.Equal((1, 0), (bad.Connections, await weft.Stat("cluster.backend.upstream_rq_retry")));
    }

    /// <summary>A process that answers every request itself.</summary>
    private static string Server(string name) => Configs.HttpProxy(1, routes: $"              - {{ match: {{ prefix: / }}, direct_response: {{ status: 200, body: {{ inline_string: {name} }} }} }}");

    private static string Proxy(IEnumerable<int> ports, string retryPolicy)
    {
        // More clients at once than the three retries that a cluster allows by default.
        const string Breakers = "    circuit_breakers: { thresholds: [{ max_retries: 100 }] }";
        var yaml = Configs.HttpProxy(0, cluster: Breakers, routes: $"              - {{ match: {{ prefix: / }}, route: {{ cluster: backend, timeout: 120s, retry_policy: {{ {retryPolicy} }} }} }}");
        var endpoints = string.Concat(ports.Select(port => $"\n        - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }}"));
        return yaml[..yaml.IndexOf("\n        - endpoint:", StringComparison.Ordinal)] + endpoints + "\n";
    }
}
