using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>Clients and upstreams that do whatever a seed says, through every policy at once: in the end nothing is held and nobody is left waiting.</summary>
public sealed class StressTests
{
    private const string Policies =
        "timeout: 2s, retry_policy: { retry_on: '5xx,reset,connect-failure', num_retries: 3, per_try_timeout: 0.2s, retry_host_predicate: [{ name: envoy.retry_host_predicates.previous_hosts }] }, "
        + "hedge_policy: { hedge_on_per_try_timeout: true }, internal_redirect_policy: { max_internal_redirects: 3 }, request_mirror_policies: [{ cluster: test }]";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nothing_is_leaked_whatever_clients_and_upstreams_do(int seed)
    {
        var random = new Random(seed);
        TestUpstream[] upstreams = [new(), new(), new()];
        using var bench = new RouterBench();
        var clusters = new[] { bench.AddCluster("web", upstreams[..2]), bench.AddCluster("test", upstreams[2..]) };
        bench.Start($"- {{ match: {{ prefix: / }}, per_request_buffer_limit_bytes: 3000, route: {{ cluster: web, {Policies} }} }}");
        var clients = new List<TestPeer>();
        var peers = new List<TestPeer>();
        for (var step = 0; step < 1_500; step++)
        {
            if (clients.Count < 12)
                clients.Add(bench.Send(Request(random)));
            foreach (var upstream in upstreams.Where(static upstream => upstream.HasConnection))
                peers.Add(upstream.Accept(bench));
            peers.RemoveAll(peer => Act(peer, random));
            clients.RemoveAll(client => IsServed(client, random));
            bench.AdvanceMs(random.Next(12));
        }

        // Whoever still waits gets an answer, if only at the route's timeout.
        for (var i = 0; i < 400 && clients.Count > 0; i++)
        {
            clients.RemoveAll(static client => client.Peek() is null or { Length: > 0 });
            foreach (var upstream in upstreams.Where(static upstream => upstream.HasConnection))
                upstream.Accept(bench);
            bench.AdvanceMs(10);
            if (i == 250)
                clients.RemoveAll(static client => Leave(client));
        }

        bench.AdvanceMs(5_000);
        bench.Settle();
        foreach (var config in clusters)
            AssertNothingIsHeld(bench, config);
        Assert.Equal(0, bench.Stats.Scope("http.http.").Gauge("downstream_rq_active").Value);
        Assert.True(bench.Counter("upstream_rq_retry") > 50 && bench.Counter("upstream_rq_retry_success") > 20);
        Assert.True(bench.Counter("upstream_internal_redirect_succeeded_total") > 10);
    }

    private static void AssertNothingIsHeld(RouterBench bench, ClusterConfig config)
    {
        var breaker = config.CircuitBreakers.Default;
        Assert.Equal((0, 0, 0), (breaker.Requests.Current, breaker.PendingRequests.Current, breaker.Retries.Current));
        Assert.Equal((0, 0), (bench.Gauge("upstream_rq_active", config.Name), bench.Gauge("upstream_rq_pending_active", config.Name)));
        Assert.Equal(breaker.Connections.Current, bench.Gauge("upstream_cx_active", config.Name));
    }

    private static string Request(Random random) => random.Next(4) switch
    {
        0 => "POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 2000\r\n\r\n" + new string('x', 2000),
        1 => "POST /b HTTP/1.1\r\nhost: a\r\ncontent-length: 6000\r\n\r\n" + new string('x', random.Next(6001)),
        2 => "POST /c HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n" + (random.Next(3) == 0 ? "" : "0\r\n\r\n"),
        _ => "GET /d HTTP/1.1\r\nhost: a\r\n\r\n",
    };

    /// <summary>True when the connection is over.</summary>
    private static bool Act(TestPeer peer, Random random)
    {
        var received = peer.Peek();
        if (received is null)
            return Leave(peer);
        if (!received.Contains("\r\n\r\n", StringComparison.Ordinal) || random.Next(3) == 0)
            return false;
        peer.Forget();
        try
        {
            switch (random.Next(12))
            {
                case 0: peer.Answer(503, "no"); return false;
                case 1: peer.Answer(503, "", "connection: close"); return Leave(peer);
                case 2: peer.Abort(); return true;
                case 3: peer.Send("HTTP/1.1 200 OK\r\nconte"); return Leave(peer);
                case 4: peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"); return Leave(peer);
                case 5: peer.Answer(302, "", "location: http://a/there"); return false;
                case 6: peer.Send("HTTP/1.1 100 Continue\r\n\r\n"); peer.Answer(200, "after"); return false;
                case 7: peer.Send("nonsense\r\n\r\n"); return false;
                case 8: return false; // no answer
                default: peer.Answer(200, "fine"); return false;
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            return Leave(peer);
        }
    }

    private static bool IsServed(TestPeer client, Random random)
    {
        if (random.Next(60) == 0)
        {
            client.Abort();
            return true;
        }

        return client.Peek() is null or { Length: > 0 } && Leave(client);
    }

    private static bool Leave(TestPeer peer)
    {
        peer.Dispose();
        return true;
    }
}
