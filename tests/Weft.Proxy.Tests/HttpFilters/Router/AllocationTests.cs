namespace Weft.Proxy.Tests.HttpFilters.Router;

public sealed class AllocationTests
{
    private const string Policies =
        "retry_policy: { retry_on: '5xx,reset,connect-failure', num_retries: 3, per_try_timeout: 5s, per_try_idle_timeout: 4s }, hedge_policy: { hedge_on_per_try_timeout: true }, "
        + "internal_redirect_policy: { }, request_mirror_policies: [{ cluster: web, runtime_fraction: { default_value: { numerator: 0 } } }]";

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 10.0.0.1\r\nx-envoy-retry-on: 5xx\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello")]
    public void A_request_that_needs_no_other_attempt_allocates_nothing_whatever_the_policies(string request)
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To(Policies, upstream);
        var client = bench.Send(request);
        var peer = upstream.Accept(bench);
        Serve(client, peer);
        for (var i = 0; i < 200; i++)
            Again();
        var before = bench.AllocatedBytes;
        for (var i = 0; i < 100; i++)
            Again();
        Assert.Equal(0, bench.AllocatedBytes - before);

        void Again()
        {
            client.Send(request);
            Serve(client, peer);
        }
    }

    private static void Serve(TestPeer client, TestPeer peer)
    {
        peer.Read();
        peer.Answer(200, "ok");
        client.Read();
    }
}
