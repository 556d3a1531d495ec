namespace Weft.Proxy.Tests.HttpFilters.Router;

public sealed class RetryTests
{
    [Fact]
    public void A_503_is_tried_again_and_the_client_sees_only_the_second_answer()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("retry_policy: { retry_on: 5xx }", upstream);
        var client = bench.Get();
        var first = upstream.Accept(bench);
        first.Read();
        first.Answer(503, "no", "x-from: first");
        first.AssertEnds();
        var second = bench.AcceptRetry(upstream);
        Assert.StartsWith("GET / HTTP/1.1\r\n", second.Read(), StringComparison.Ordinal);
        second.Answer(200, "yes");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("yes", answer, StringComparison.Ordinal);
        Assert.Equal((1, 1, 0, 1), (bench.Counter("upstream_rq_retry"), bench.Counter("upstream_rq_retry_success"),
            bench.Counter("upstream_rq_retry_limit_exceeded"), bench.Counter("upstream_rq_retry_backoff_exponential")));
        Assert.Equal((1L, 1L, null), (bench.Printed("cluster.web.retry.upstream_rq_503"), bench.Printed("cluster.web.upstream_rq_200"), bench.Printed("cluster.web.upstream_rq_503")));
    }

    [Fact]
    public void The_last_answer_is_passed_on_with_URX_when_all_retries_are_used_up()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("retry_policy: { retry_on: 5xx, num_retries: 2 }", upstream.Refusing());
        var client = bench.Get();
        for (var i = 0; i < 100; i++)
        {
            bench.AdvanceMs(1);
            bench.Settle();
            if (bench.Counter("upstream_rq_retry_limit_exceeded") > 0)
                break;
        }

        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("before headers. retried and the latest reset reason: remote connection failure", answer, StringComparison.Ordinal);
        Assert.Contains("|UF,URX|upstream_reset_before_response_started{remote_connection_failure", answer, StringComparison.Ordinal);
        Assert.Equal((2, 1, 0), (bench.Counter("upstream_rq_retry"), bench.Counter("upstream_rq_retry_limit_exceeded"), bench.Counter("upstream_rq_retry_success")));
    }

    [Fact]
    public void Without_a_policy_nothing_is_tried_again()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("", upstream);
        var client = bench.Get();
        var only = upstream.Accept(bench);
        only.Read();
        only.Answer(503);
        Assert.StartsWith("HTTP/1.1 503 ", client.Read(), StringComparison.Ordinal);
        Assert.Equal(0, bench.Counter("upstream_rq_retry"));
    }

    [Fact]
    public void The_larger_of_policy_and_header_says_how_often()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("retry_policy: { retry_on: 5xx, num_retries: 1 }", upstream);
        var client = bench.Get("x-envoy-max-retries: 2");
        for (var i = 0; i < 3; i++)
        {
            var attempt = bench.AcceptRetry(upstream, 75);
            Assert.DoesNotContain("x-envoy-max-retries", attempt.Read(), StringComparison.Ordinal);
            attempt.Fail(500);
        }

        Assert.StartsWith("HTTP/1.1 500 ", client.Read(), StringComparison.Ordinal);
        Assert.Equal(2, bench.Counter("upstream_rq_retry"));
    }

    [Fact]
    public void A_body_is_sent_again_in_whole_with_its_trailers_of_pieces()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("retry_policy: { retry_on: 5xx }", upstream);
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
        var first = upstream.Accept(bench);
        first.ReadUntil("3\r\nabc\r\n");
        client.Send("4\r\ndefg\r\n0\r\n\r\n");
        first.ReadUntil("0\r\n\r\n");
        first.Fail();
        var second = bench.AcceptRetry(upstream);
        second.ReadUntil("\r\n\r\n");
        Assert.Equal("abcdefg", Unchunk(second.ReadUntil("0\r\n\r\n")));
        second.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Body_that_comes_while_a_retry_waits_is_not_lost()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("retry_policy: { retry_on: 5xx }", upstream);
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabc");
        var first = upstream.Accept(bench);
        first.ReadUntil("abc");
        first.Fail();
        client.Send("def");
        bench.Settle();
        var second = bench.AcceptRetry(upstream);
        Assert.EndsWith("\r\n\r\nabcdef", second.Read(), StringComparison.Ordinal);
        second.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("per_request_buffer_limit_bytes: 4")]
    [InlineData("request_body_buffer_limit: 4")]
    [InlineData("request_body_buffer_limit: 4, per_request_buffer_limit_bytes: 100")]
    public void A_body_beyond_the_limit_is_sent_once_and_its_failure_passed_on(string limit)
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start($"- {{ match: {{ prefix: / }}, {limit}, route: {{ cluster: web, retry_policy: {{ retry_on: 5xx }} }} }}");
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabcdef");
        var only = upstream.Accept(bench);
        Assert.EndsWith("\r\n\r\nabcdef", only.Read(), StringComparison.Ordinal);
        only.Answer(503);
        Assert.StartsWith("HTTP/1.1 503 ", client.Read(), StringComparison.Ordinal);
        Assert.Equal((1, 0), (bench.Counter("retry_or_shadow_abandoned"), bench.Counter("upstream_rq_retry")));
    }

    [Fact]
    public void A_body_that_outgrows_the_limit_while_a_retry_waits_is_507()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, per_request_buffer_limit_bytes: 4, route: { cluster: web, retry_policy: { retry_on: 5xx } } }");
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabc");
        var first = upstream.Accept(bench);
        first.ReadUntil("abc");
        first.Fail();
        client.Send("def");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 507 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("|request_payload_exceeded_retry_buffer_limit", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reset_before_the_answer_is_tried_again_elsewhere()
    {
        TestUpstream[] upstreams = [new(), new()];
        using var bench = RouterBench.To("retry_policy: { retry_on: reset, retry_host_predicate: [{ name: envoy.retry_host_predicates.previous_hosts }], host_selection_retry_max_attempts: 5 }", upstreams);
        var client = bench.Get();
        bench.Until(() => upstreams.Any(static upstream => upstream.HasConnection));
        var (asked, other) = upstreams[0].HasConnection ? (upstreams[0], upstreams[1]) : (upstreams[1], upstreams[0]);
        var first = asked.Accept(bench);
        first.Read();
        first.Abort();
        var second = bench.AcceptRetry(other);
        second.Read();
        second.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_response_that_has_begun_is_never_tried_again()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("retry_policy: { retry_on: 'reset,5xx' }", upstream);
        var client = bench.Get();
        var only = upstream.Accept(bench);
        only.Read();
        only.Send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        Assert.EndsWith("half", client.ReadUntil("half"), StringComparison.Ordinal);
        only.Abort();
        client.AssertEnds();
        Assert.Equal((0, 1), (bench.Counter("upstream_rq_retry"), bench.Http("rq_reset_after_downstream_response_started")));
    }

    [Fact]
    public void The_circuit_breaker_for_retries_holds_and_is_given_back()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        var cluster = bench.AddCluster("web", [upstream], "circuit_breakers: { thresholds: [{ max_retries: 1 }] }");
        bench.Start("- { match: { prefix: / }, route: { cluster: web, retry_policy: { retry_on: 5xx } } }");
        TestPeer[] clients = [bench.Get(), bench.Get()];
        TestPeer[] firsts = [upstream.Accept(bench), upstream.Accept(bench)];
        foreach (var first in firsts)
        {
            first.Read();
            first.Fail();
        }

        bench.Until(() => bench.Counter("upstream_rq_retry_overflow") == 1);
        Assert.Equal(1, cluster.CircuitBreakers.Default.Retries.Current);
        var second = bench.AcceptRetry(upstream);
        second.Read();
        second.Answer(200);
        Assert.Equal(["HTTP/1.1 200", "HTTP/1.1 503"], clients.Select(static client => client.Read()[..12]).Order(StringComparer.Ordinal));
        Assert.Equal(0, cluster.CircuitBreakers.Default.Retries.Current);
    }

    [Fact]
    public void A_client_that_leaves_takes_its_waiting_retry_along()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        var cluster = bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web, retry_policy: { retry_on: 5xx } } }");
        var client = bench.Get();
        var first = upstream.Accept(bench);
        first.Read();
        first.Fail();
        bench.Until(() => cluster.CircuitBreakers.Default.Retries.Current == 1);
        client.Abort();
        bench.Until(() => cluster.CircuitBreakers.Default.Retries.Current == 0);
        bench.AdvanceMs(100);
        bench.Settle();
        Assert.False(upstream.HasConnection);
    }

    [Fact]
    public void Attempts_are_counted_for_the_upstream_and_the_client()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start(
            "- { match: { prefix: / }, route: { cluster: web } }",
            "retry_policy: { retry_on: 5xx }\ninclude_request_attempt_count: true\ninclude_attempt_count_in_response: true\ninclude_is_timeout_retry_header: true");
        var client = bench.Get();
        var first = upstream.Accept(bench);
        Assert.Contains("\r\nx-envoy-attempt-count: 1\r\n", first.Read(), StringComparison.Ordinal);
        first.Fail();
        var second = bench.AcceptRetry(upstream);
        var head = second.Read();
        Assert.Contains("\r\nx-envoy-attempt-count: 2\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nx-envoy-is-timeout-retry: false\r\n", head, StringComparison.Ordinal);
        second.Answer(200);
        Assert.Contains("\r\nx-envoy-attempt-count: 2\r\n", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_response_can_say_when_to_come_back()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("timeout: 0s, retry_policy: { retry_on: 5xx, rate_limited_retry_back_off: { reset_headers: [{ name: retry-after }] } }", upstream);
        var client = bench.Get();
        var first = upstream.Accept(bench);
        first.Read();
        first.Fail(503, "retry-after: 2");
        bench.Until(() => bench.Counter("upstream_rq_retry_backoff_ratelimited") == 1);
        bench.AdvanceMs(1_999);
        bench.Settle();
        Assert.False(upstream.HasConnection);
        var second = bench.AcceptRetry(upstream, 1_001);
        second.Read();
        second.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
    }

    private static string Unchunk(string body)
    {
        var text = "";
        while (!body.StartsWith("0\r\n", StringComparison.Ordinal))
        {
            var end = body.IndexOf("\r\n", StringComparison.Ordinal);
            var length = Convert.ToInt32(body[..end], 16);
            text += body.Substring(end + 2, length);
            body = body[(end + 2 + length + 2)..];
        }

        return text;
    }
}
