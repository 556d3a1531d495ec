using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.LocalRateLimit;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;
using LimitMessage = Envoy.Extensions.Filters.Http.LocalRatelimit.V3.LocalRateLimit;

namespace Weft.Proxy.Tests.HttpFilters.LocalRateLimit;

public sealed class LocalRateLimitFilterTests : IDisposable
{
    private const string Always = "{ default_value: { numerator: 100 } }";
    private const string On = $"stat_prefix: rl, filter_enabled: {Always}, filter_enforced: {Always}";
    private const string Two = "token_bucket: { max_tokens: 2, tokens_per_fill: 2, fill_interval: 3600s }";

    private readonly FactoryContext _context = Routes.Context(new ConfigContext());
    private FakeStream? _stream;

    public void Dispose() => _stream?.Dispose();

    [Fact]
    public void Requests_beyond_the_tokens_get_429()
    {
        Make($"{On}, {Two}, response_headers_to_add: [{{ header: {{ key: x-limited, value: 'yes' }} }}]");
        Assert.Equal([true, true, false, false], Allowed(4));
        Assert.Equal((429, "local_rate_limited", "local_rate_limited", ResponseFlags.RateLimited), Last);
        Assert.Equal(("true", "yes"), (_lastReply.Get("x-envoy-ratelimited"), _lastReply.Get("x-limited")));
        Assert.Equal((4, 2, 2, 2), (Stat("enabled"), Stat("ok"), Stat("rate_limited"), Stat("enforced")));
    }

    [Fact]
    public void Proxies_of_the_local_cluster_share_the_tokens()
    {
        var cluster = new LocalCluster("proxies", default!) { Endpoints = new EndpointsSnapshot([]) { Membership = 2 } };
        var context = _context with { LocalCluster = cluster };
        _stream = new FakeStream(Filters.One("local_ratelimit.v3.LocalRateLimit", $"{On}, {Two}, local_cluster_rate_limit: {{}}", context));
        Assert.Equal([true, false], Allowed(2));
    }

    [Fact]
    public void Sharing_needs_a_local_cluster_and_no_connection_of_its_own()
        => Assert.Equal(
            [
                "local_cluster_rate_limit is set and local_rate_limit_per_downstream_connection is set to true",
                "local_cluster_rate_limit is set but no local cluster name is present",
            ],
            Filters.FaultsOfOne("local_ratelimit.v3.LocalRateLimit", $"{On}, {Two}, local_cluster_rate_limit: {{}}, local_rate_limit_per_downstream_connection: true"));

    [Fact]
    public void A_limit_that_is_not_enforced_only_marks_the_request()
    {
        Make($"stat_prefix: rl, filter_enabled: {Always}, token_bucket: {{ max_tokens: 1, fill_interval: 3600s }}, request_headers_to_add_when_not_enforced: [{{ header: {{ key: x-limited, value: 'yes' }} }}]");
        Assert.Equal([true, true], Allowed(2));
        Assert.Equal("yes", _stream!.RequestHeaders.Get("x-limited"));
        Assert.Equal((1, 0), (Stat("rate_limited"), Stat("enforced")));
    }

    [Fact]
    public void A_limit_that_is_not_enabled_does_nothing()
    {
        Make("stat_prefix: rl, token_bucket: { max_tokens: 1, fill_interval: 3600s }");
        Assert.Equal([true, true], Allowed(2));
    }

    [Fact]
    public void A_client_that_asks_is_told_its_limit()
    {
        Make($"{On}, {Two}, enable_x_ratelimit_headers: DRAFT_VERSION_03");
        _stream!.Request(Routes.Request("/"));
        var response = new HeaderMap();
        _stream.Response(response);
        Assert.Equal(("2", "1", "0"), (response.Get("x-ratelimit-limit"), response.Get("x-ratelimit-remaining"), response.Get("x-ratelimit-reset")));
    }

    [Fact]
    public void Descriptors_have_buckets_of_their_own()
    {
        Make($"{On}, {Two}, descriptors: [{{ entries: [{{ key: user, value: ann }}], token_bucket: {{ max_tokens: 1, fill_interval: 3600s }} }}]");
        _stream!.Route = Route("rate_limits: [{ actions: [{ request_headers: { header_name: x-user, descriptor_key: user } }] }]");
        Assert.Equal([true, false], Allowed(2, ("x-user", "ann")));
        // Ann's first request took one of the two tokens that all share.
        Assert.Equal([true, false], Allowed(2, ("x-user", "bob")));
    }

    [Fact]
    public void Limits_of_the_filter_itself_count_instead_of_the_routes()
    {
        Make($"{On}, {Two}, rate_limits: [{{ actions: [{{ request_headers: {{ header_name: x-user, descriptor_key: user }} }}] }}], descriptors: [{{ entries: [{{ key: user, value: ann }}], token_bucket: {{ max_tokens: 1, fill_interval: 3600s }} }}]");
        _stream!.Route = Route("rate_limits: [{ actions: [{ generic_key: { descriptor_value: other } }] }]");
        Assert.Equal([true, false], Allowed(2, ("x-user", "ann")));
        Assert.Equal([true, false], Allowed(2, ("x-user", "bob")));
    }

    [Fact]
    public void An_explanation_tells_the_descriptors_of_the_filters_own_limits()
    {
        var filter = Filters.One("local_ratelimit.v3.LocalRateLimit", $"{On}, {Two}, rate_limits: [{{ actions: [{{ request_headers: {{ header_name: x-user, descriptor_key: user }} }}] }}]", _context);
        var request = new MatchData(new StreamInfo(), RuntimeSnapshot.Empty) { RequestHeaders = Routes.Request("/", headers: ("x-user", "ann")) };
        Assert.Equal(["limit, not by the route: stage 0: user=ann"], filter.Explain(null, request));
    }

    [Fact]
    public void A_descriptor_can_spare_the_default_bucket()
    {
        Make($"{On}, {Two}, always_consume_default_token_bucket: false, descriptors: [{{ entries: [{{ key: user, value: ann }}], token_bucket: {{ max_tokens: 5, fill_interval: 3600s }} }}]");
        _stream!.Route = Route("rate_limits: [{ actions: [{ request_headers: { header_name: x-user, descriptor_key: user } }] }]");
        Assert.Equal([true, true, true, true, true, false], Allowed(6, ("x-user", "ann")));
        Assert.Equal([true, true, false], Allowed(3));
    }

    private const string OnePerUser = "descriptors: [{ entries: [{ key: kind, value: api }, { key: user }], token_bucket: { max_tokens: 1, fill_interval: 3600s } }]";

    [Fact]
    public void Every_value_of_a_descriptor_without_one_has_a_bucket_of_its_own()
    {
        Make($"{On}, {OnePerUser}");
        _stream!.Route = Route("rate_limits: [{ actions: [{ generic_key: { descriptor_key: kind, descriptor_value: api } }, { request_headers: { header_name: x-user, descriptor_key: user } }] }]");
        Assert.Equal([true, false], Allowed(2, ("x-user", "ann")));
        Assert.Equal([true, false], Allowed(2, ("x-user", "bob")));
        Assert.Equal([false], Allowed(1, ("x-user", "ann")));
    }

    [Theory]
    [InlineData("{ generic_key: { descriptor_key: kind, descriptor_value: web } }, { request_headers: { header_name: x-user, descriptor_key: user } }")]
    [InlineData("{ generic_key: { descriptor_key: kind, descriptor_value: api } }")]
    [InlineData("{ generic_key: { descriptor_key: kind, descriptor_value: api } }, { request_headers: { header_name: x-user, descriptor_key: name } }")]
    [InlineData("{ generic_key: { descriptor_key: kind, descriptor_value: api } }, { request_headers: { header_name: x-user, descriptor_key: user } }, { generic_key: { descriptor_value: more } }")]
    public void A_descriptor_without_a_value_asks_for_the_rest_of_it(string actions)
    {
        Make($"{On}, {OnePerUser}");
        _stream!.Route = Route($"rate_limits: [{{ actions: [{actions}] }}]");
        Assert.Equal([true, true, true], Allowed(3, ("x-user", "ann")));
    }

    [Fact]
    public void Of_the_values_of_a_descriptor_without_one_those_used_last_are_kept()
    {
        Make($"{On}, {OnePerUser}, max_dynamic_descriptors: 2");
        _stream!.Route = Route("rate_limits: [{ actions: [{ generic_key: { descriptor_key: kind, descriptor_value: api } }, { request_headers: { header_name: x-user, descriptor_key: user } }] }]");
        Assert.Equal([true], Allowed(1, ("x-user", "ann")));
        Assert.Equal([true], Allowed(1, ("x-user", "bob")));
        Assert.Equal([false], Allowed(1, ("x-user", "ann")));
        Assert.Equal([true], Allowed(1, ("x-user", "eve")));
        Assert.Equal([false], Allowed(1, ("x-user", "ann")));
        // Bob's was forgotten for Eve's.
        Assert.Equal([true], Allowed(1, ("x-user", "bob")));
    }

    [Fact]
    public void A_request_can_count_for_several()
    {
        const string Tokens = "token_bucket: { max_tokens: 5, fill_interval: 3600s }";
        Make($"{On}, rate_limits: [{{ actions: [{{ generic_key: {{ descriptor_value: a }} }}], hits_addend: {{ number: 2 }} }}], descriptors: [{{ entries: [{{ key: generic_key, value: a }}], {Tokens} }}]");
        _stream!.Route = Route("timeout: 1s");
        Assert.Equal([true, true, false], Allowed(3));
    }

    [Fact]
    public void Every_connection_can_have_buckets_of_its_own()
    {
        Make($"{On}, {Two}, local_rate_limit_per_downstream_connection: true");
        Assert.Equal([true, true, false], Allowed(3));
        _stream!.Connection = [];
        Assert.Equal([true, true, false], Allowed(3));
    }

    [Fact]
    public void A_route_has_a_limit_of_its_own()
    {
        Make($"{On}, {Two}");
        _stream!.Overrides = [LocalRateLimitConfig.OfRoute(Filters.Read<LimitMessage>($"{On}, status: {{ code: ServiceUnavailable }}, token_bucket: {{ max_tokens: 1, fill_interval: 3600s }}"), _context)];
        Assert.Equal([true, false], Allowed(2));
        Assert.Equal(503, Last.Status);
    }

    [Fact]
    public void Grpc_clients_can_be_told_that_a_resource_is_exhausted()
    {
        Make($"{On}, token_bucket: {{ max_tokens: 1, fill_interval: 3600s }}, rate_limited_as_resource_exhausted: true");
        Assert.Equal([true, false], Allowed(2, ("content-type", "application/grpc")));
        Assert.Equal("8", _lastReply.Get("grpc-status"));
    }

    [Theory]
    [InlineData("token_bucket: { max_tokens: 1, fill_interval: 0.04s }", "local rate limit token bucket fill timer must be >= 50ms")]
    [InlineData(
        "descriptors: [{ entries: [{ key: a, value: b }], token_bucket: { max_tokens: 1, fill_interval: 1s } }, { entries: [{ key: a, value: b }], token_bucket: { max_tokens: 1, fill_interval: 1s } }]",
        "duplicate descriptor in the local rate descriptor: a=b")]
    public void Limits_that_make_no_sense_are_refused(string config, string text)
        => Assert.Contains(text, Filters.FaultsOfOne("local_ratelimit.v3.LocalRateLimit", $"stat_prefix: rl, {config}"));

    private readonly HeaderMap _lastReply = new();

    private (int Status, string Body, string Details, ResponseFlags Flags) Last { get; set; }

    private static Weft.Proxy.Routing.Route Route(string action)
        => Routes.OfRoutes($"- {{ match: {{ prefix: / }}, route: {{ cluster: c, {action} }} }}").Match(Routes.Request("/"))!;

    private void Make(string config) => _stream = new FakeStream(Filters.One("local_ratelimit.v3.LocalRateLimit", config, _context));

    private long Stat(string name) => _context.Stats.Scope("rl.http_local_rate_limit.").Counter(name).Value;

    /// <summary>Whether each of so many requests went on.</summary>
    private bool[] Allowed(int count, params (string, string)[] headers)
    {
        var result = new bool[count];
        for (var i = 0; i < count; i++)
        {
            result[i] = _stream!.Request(Routes.Request("/", headers: headers)) == FilterStatus.Continue;
            if (_stream.Reply is { } reply)
            {
                Last = reply;
                _lastReply.CopyFrom(_stream.LocalReplyHeaders);
            }

            _stream.End();
        }

        return result;
    }
}
