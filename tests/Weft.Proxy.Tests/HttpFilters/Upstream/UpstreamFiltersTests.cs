using Weft.Proxy.Tests.HttpFilters.Lua;
using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.HttpFilters.Upstream;

public sealed class UpstreamFiltersTests
{
    private const string Codec = "{ name: envoy.filters.http.upstream_codec, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec } }";

    [Fact]
    public void Filters_of_the_cluster_see_what_goes_to_the_endpoint_and_what_comes_back()
    {
        var upstream = new TestUpstream();
        using var bench = With(Add("x-cluster", "%REQ(:path)%"), upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        Assert.Contains("\r\nx-cluster: /\r\n", peer.Read(), StringComparison.Ordinal);
        peer.Answer(200, "yes");
        var answer = client.Read();
        Assert.Contains("\r\nx-cluster-back: 1\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("yes", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Filters_of_the_cluster_stand_for_those_of_the_router()
    {
        var (first, second) = (new TestUpstream(), new TestUpstream());
        using var bench = new RouterBench();
        bench.AddCluster("own", [first], Options(Add("x-cluster", "1")));
        bench.AddCluster("plain", [second]);
        bench.Start("- { match: { prefix: /own }, route: { cluster: own } }\n- { match: { prefix: / }, route: { cluster: plain } }", router: $"upstream_http_filters: [ {Add("x-router", "1")}, {Codec} ]");
        bench.Send("GET /own HTTP/1.1\r\nhost: a\r\n\r\n");
        var ofCluster = first.Accept(bench).Read();
        bench.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        var ofRouter = second.Accept(bench).Read();
        Assert.Equal((true, false), (ofCluster.Contains("x-cluster: 1", StringComparison.Ordinal), ofCluster.Contains("x-router", StringComparison.Ordinal)));
        Assert.Contains("x-router: 1", ofRouter, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_attempt_passes_the_filters_anew_with_a_head_of_its_own()
    {
        var upstream = new TestUpstream();
        using var bench = With(Add("x-cluster", "1"), upstream, "retry_policy: { retry_on: 5xx }");
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabcdef");
        var first = upstream.Accept(bench);
        Assert.Single(Lines(first.Read(), "x-cluster: 1"));
        first.Fail();
        var second = bench.AcceptRetry(upstream);
        var again = second.Read();
        Assert.Single(Lines(again, "x-cluster: 1"));
        Assert.EndsWith("\r\n\r\nabcdef", again, StringComparison.Ordinal);
        second.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_filter_that_collects_the_request_needs_no_connection_before_it_has_it()
    {
        var upstream = new TestUpstream();
        using var bench = With(Buffer(100), upstream);
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
        bench.Settle();
        Assert.False(upstream.HasConnection);
        client.Send("3\r\ndef\r\n0\r\n\r\n");
        var peer = upstream.Accept(bench);
        var request = peer.Read();
        Assert.Contains("\r\ncontent-length: 6\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nabcdef", request, StringComparison.Ordinal);
        peer.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_answer_of_a_filter_is_final_whatever_may_be_tried_again()
    {
        var upstream = new TestUpstream();
        using var bench = With(Buffer(3), upstream, "retry_policy: { retry_on: '4xx,5xx', retriable_status_codes: [413] }");
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabcdef");
        Assert.StartsWith("HTTP/1.1 413 ", client.Read(), StringComparison.Ordinal);
        Assert.Equal((false, 0, 0), (upstream.HasConnection, bench.Counter("upstream_rq_retry"), bench.Gauge("upstream_rq_active")));

        // The pooled filters serve the next request as if nothing had been.
        bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc");
        Assert.EndsWith("\r\n\r\nabc", upstream.Accept(bench).Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Body_and_trailers_that_come_before_the_connection_is_there_are_sent_in_order()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream], $"circuit_breakers: {{ thresholds: [ {{ max_connections: 1 }} ] }}\n{Options(Add("x-cluster", "1"))}");
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }", bufferLimitBytes: 16);
        var waitedFor = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n14\r\nabcdefghijklmnopqrst\r\n");
        bench.Settle();
        client.Send("3\r\nuvw\r\n0\r\n\r\n");
        bench.Settle();
        peer.Answer(200);
        waitedFor.Read();
        Assert.Contains("x-cluster: 1", peer.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
        var body = peer.ReadUntil("0\r\n\r\n");
        Assert.Equal("abcdefghijklmnopqrstuvw", string.Concat(body.Split("\r\n").Where(static (_, i) => i % 2 == 1)));
        peer.Answer(200, "done");
        Assert.EndsWith("done", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Routes_configure_and_switch_filters_by_their_names()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream], Options($"{Buffer(3)}, {Add("x-cluster", "1")}"));
        bench.Start("""
            - match: { prefix: /more }
              route: { cluster: web }
              typed_per_filter_config: { limit: { "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute, buffer: { max_request_bytes: 100 } } }
            - match: { prefix: /off }
              route: { cluster: web }
              typed_per_filter_config:
                limit: { "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true }
                x-cluster: { "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true }
            - { match: { prefix: / }, route: { cluster: web } }
            """);
        var peer = Post("/more");
        Assert.Contains("x-cluster: 1", peer, StringComparison.Ordinal);
        Assert.DoesNotContain("x-cluster", Post("/off"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 413 ", bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabcdef").Read(), StringComparison.Ordinal);
        Assert.Contains(bench.Config.Findings.All, static finding => finding.Text.Contains("this has an effect only on an upstream HTTP filter of that name", StringComparison.Ordinal));

        string Post(string path)
        {
            bench.Send($"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabcdef");
            return upstream.Accept(bench).Read();
        }
    }

    [Fact]
    public void An_upgrade_passes_the_filters_and_is_a_tunnel_behind_them()
    {
        var upstream = new TestUpstream();
        using var bench = With(Add("x-cluster", "1"), upstream, "upgrade_configs: [ { upgrade_type: websocket } ]");
        var client = bench.Send("GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
        var peer = upstream.Accept(bench);
        Assert.Contains("x-cluster: 1", peer.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
        peer.Send("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello");
        Assert.Contains("x-cluster-back: 1", client.ReadUntil("hello"), StringComparison.Ordinal);
        client.Send("ping");
        peer.ReadUntil("ping");
        peer.Send("pong");
        client.ReadUntil("pong");
    }

    [Fact]
    public void Mirrored_requests_pass_the_filters_of_their_cluster_or_of_the_router()
    {
        var (web, test) = (new TestUpstream(), new TestUpstream());
        using var bench = new RouterBench();
        bench.AddCluster("web", [web]);
        bench.AddCluster("test", [test], Options(Add("x-cluster", "1")));
        bench.Start("- { match: { prefix: / }, route: { cluster: web, request_mirror_policies: [ { cluster: test }, { cluster: web } ] } }", router: $"upstream_http_filters: [ {Add("x-router", "1")}, {Codec} ]");
        bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabcdef");
        var mirror = test.Accept(bench).Read();
        Assert.Contains("x-cluster: 1", mirror, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nabcdef", mirror, StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
            Assert.Contains("x-router: 1", web.Accept(bench).Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reused_connection_that_turns_out_dead_is_replaced_through_the_filters()
    {
        var upstream = new TestUpstream();
        using var bench = With(Add("x-cluster", "1"), upstream);
        var client = bench.Get();
        var first = upstream.Accept(bench);
        first.Read();
        first.Answer(200);
        client.Read();
        client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        first.Read();
        first.Abort();
        var second = upstream.Accept(bench);
        Assert.Single(Lines(second.Read(), "x-cluster: 1"));
        second.Answer(200, "yes");
        Assert.EndsWith("yes", client.Read(), StringComparison.Ordinal);
    }

    [LuaFact]
    public void A_script_may_change_both_sides_and_answer_itself()
    {
        const string Script = "function envoy_on_request(h) h:headers():add('x-lua', '1') if h:headers():get(':path') == '/no' then h:respond({[':status'] = '403'}, 'no') end end "
            + "function envoy_on_response(h) h:headers():add('x-lua-back', '1') end";
        var upstream = new TestUpstream();
        using var bench = With($"{{ name: lua, typed_config: {{ \"@type\": {Filters.Type("lua.v3.Lua")}, default_source_code: {{ inline_string: \"{Script}\" }} }} }}", upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        Assert.Contains("\r\nx-lua: 1\r\n", peer.Read(), StringComparison.Ordinal);
        peer.Answer(200, "yes");
        Assert.Contains("\r\nx-lua-back: 1\r\n", client.Read(), StringComparison.Ordinal);
        client.Send("GET /no HTTP/1.1\r\nhost: a\r\n\r\n");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.True(peer.HasNothing());
    }

    [Fact]
    public void Requests_through_filters_allocate_nothing()
    {
        var upstream = new TestUpstream();
        using var bench = With($"{Buffer(100)}, {Add("x-cluster", "1")}", upstream);
        const string Request = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello";
        var client = bench.Send(Request);
        var peer = upstream.Accept(bench);
        Serve();
        for (var i = 0; i < 200; i++)
            Again();
        var before = bench.AllocatedBytes;
        for (var i = 0; i < 100; i++)
            Again();
        Assert.Equal(0, bench.AllocatedBytes - before);

        void Again()
        {
            client.Send(Request);
            Serve();
        }

        void Serve()
        {
            peer.Read();
            peer.Answer(200, "ok");
            client.Read();
        }
    }

    private static RouterBench With(string filters, TestUpstream upstream, string route = "")
    {
        var bench = new RouterBench();
        bench.AddCluster("web", [upstream], Options(filters));
        bench.Start($"- {{ match: {{ prefix: / }}, route: {{ cluster: web, {route} }} }}");
        return bench;
    }

    private static string Options(string filters) =>
        "typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, "
        + $"explicit_http_config: {{ http_protocol_options: {{ }} }}, http_filters: [ {filters}, {Codec} ] }} }}";

    /// <summary>A filter named like the header that it adds to requests; the response gets one too.</summary>
    private static string Add(string name, string value) =>
        $"{{ name: {name}, typed_config: {{ \"@type\": {Filters.Type("header_mutation.v3.HeaderMutation")}, mutations: {{ request_mutations: [ {{ append: {{ header: {{ key: {name}, value: '{value}' }} }} }} ], "
        + $"response_mutations: [ {{ append: {{ header: {{ key: {name}-back, value: '1' }} }} }} ] }} }} }}";

    private static string Buffer(int bytes) => $"{{ name: limit, typed_config: {{ \"@type\": {Filters.Type("buffer.v3.Buffer")}, max_request_bytes: {bytes} }} }}";

    private static IEnumerable<string> Lines(string message, string line) => message.Split("\r\n").Where(other => other == line);
}
