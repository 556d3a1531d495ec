using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.HealthCheck;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.HealthCheck;

public sealed class HealthCheckFilterTests
{
    private const string Path = "headers: [ { name: \":path\", string_match: { exact: /healthz } } ]";

    private readonly ServerStatus _status = new();
    private readonly FactoryContext _context;

    public HealthCheckFilterTests() =>
        _context = Routes.Context(new ConfigContext(), new Node("", "front", "")) with { Status = _status };

    [Fact]
    public void Other_requests_pass()
    {
        using var stream = Create($"pass_through_mode: false, {Path}");
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/")));
        var response = Response(200);
        stream.Response(response);
        Assert.False(response.Has(new HeaderName("x-envoy-upstream-healthchecked-cluster")));
        Assert.False(stream.Info.IsHealthCheck);
    }

    [Fact]
    public void A_health_check_is_answered_with_the_name_of_the_service()
    {
        using var stream = Create($"pass_through_mode: false, {Path}");
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/healthz")));
        Assert.Equal((200, "", "health_check_ok", ResponseFlags.None), stream.Reply);
        Assert.Equal("front", stream.LocalReplyHeaders.Get("x-envoy-upstream-healthchecked-cluster"));
        Assert.True(stream.Info.IsHealthCheck);
        Assert.Equal((1, 1), (Counter("request_total"), Counter("ok")));
    }

    [Fact]
    public void A_body_is_waited_for_and_dropped()
    {
        using var stream = Create($"pass_through_mode: false, {Path}");
        Assert.Equal(FilterStatus.StopAndBuffer, stream.Request(Routes.Request("/healthz"), endStream: false));
        Assert.Equal((FilterStatus.StopAndBuffer, ""), stream.RequestData("abc"));
        Assert.Equal(FilterStatus.Ended, stream.RequestData("abc", endStream: true).Status);
        Assert.Equal(200, stream.Reply!.Value.Status);
    }

    [Fact]
    public void A_proxy_that_is_to_be_left_alone_says_so_on_checks_and_on_every_response()
    {
        using var stream = Create($"pass_through_mode: true, {Path}");
        _status.HealthCheckFailed = true;
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/healthz")));
        Assert.Equal((503, "", "health_check_failed", ResponseFlags.FailedLocalHealthCheck), stream.Reply);
        Assert.Equal(1, Counter("failed"));
        stream.End();
        stream.Request(Routes.Request("/"));
        var response = Response(200);
        stream.Response(response);
        Assert.Equal("true", response.Get("x-envoy-immediate-health-check-fail"));
    }

    [Fact]
    public void Answers_of_the_service_are_remembered_for_the_cache_time()
    {
        using var stream = Create($"pass_through_mode: true, cache_time: 100s, {Path}");
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/healthz")));
        stream.Response(Response(204, ("x-envoy-degraded", "")));
        stream.End();
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/healthz")));
        Assert.Equal((204, "", "health_check_cached", ResponseFlags.None), stream.Reply);
        Assert.True(stream.LocalReplyHeaders.Has(new HeaderName("x-envoy-degraded")));
        Assert.Equal((1, 1, 1), (Counter("cached_response"), Counter("degraded"), Counter("ok")));
    }

    [Fact]
    public void A_remembered_answer_ends()
    {
        var time = new ManualTime();
        var cache = new HealthAnswerCache(1000, time);
        Assert.False(cache.TryGet(out _, out _));
        cache.Store(503, isDegraded: true);
        time.AdvanceMs(999);
        Assert.True(cache.TryGet(out var status, out var isDegraded));
        Assert.Equal((503, true), (status, isDegraded));
        time.AdvanceMs(1);
        Assert.False(cache.TryGet(out _, out _));
    }

    [Fact]
    public void A_cluster_that_is_not_there_fails_the_check()
    {
        using var stream = Create($"pass_through_mode: false, cluster_min_healthy_percentages: {{ web: {{ value: 50 }} }}, {Path}");
        stream.Request(Routes.Request("/healthz"));
        Assert.Equal((503, "", "health_check_failed_no_cluster_found", ResponseFlags.FailedLocalHealthCheck), stream.Reply);
        Assert.Equal(1, Counter("failed_cluster_not_found"));
    }

    [Theory]
    [InlineData(2, 1, 0, 50.9, 200, "health_check_ok_cluster_healthy")]
    [InlineData(2, 0, 1, 50, 200, "health_check_ok_cluster_healthy")]
    [InlineData(2, 1, 0, 51, 503, "health_check_failed_cluster_unhealthy")]
    [InlineData(0, 0, 0, 1, 503, "health_check_failed_cluster_empty")]
    [InlineData(0, 0, 0, 0, 200, "health_check_ok_cluster_healthy")]
    public void The_share_of_usable_endpoints_decides(int total, int healthy, int degraded, double minimum, int status, string details)
    {
        using var stream = Create(FormattableString.Invariant($"pass_through_mode: false, cluster_min_healthy_percentages: {{ web: {{ value: {minimum} }} }}, {Path}"));
        var clusters = new Clusters.TestClusters();
        var config = clusters.Compile("name: web");
        (config.Stats.MembershipTotal, config.Stats.MembershipHealthy, config.Stats.MembershipDegraded).Set(total, healthy, degraded);
        stream.Worker.Clusters.Set(_context.Clusters.Get("web"), Weft.Proxy.Clusters.Cluster.Create(config, clusters.Context));
        stream.Request(Routes.Request("/healthz"));
        Assert.Equal((status, details), (stream.Reply!.Value.Status, stream.Reply.Value.Details));
    }

    [Fact]
    public void Only_answers_of_a_service_can_be_cached() =>
        Assert.Contains("cache_time_ms must not be set when path_through_mode is disabled", Filters.FaultsOfOne("health_check.v3.HealthCheck", "pass_through_mode: false, cache_time: 1s"));

    private FakeStream Create(string config) => new(Filters.One("health_check.v3.HealthCheck", config, _context));

    private long Counter(string name) => _context.Stats.Scope("http.test.health_check.").Counter(name).Value;

    private static HeaderMap Response(int status, params (string Name, string Value)[] headers)
    {
        var response = new HeaderMap();
        response.Set(KnownHeader.Status, status);
        foreach (var (name, value) in headers)
            response.Add(new HeaderName(name), System.Text.Encoding.ASCII.GetBytes(value));
        return response;
    }
}

file static class Gauges
{
    public static void Set(this (Gauge Total, Gauge Healthy, Gauge Degraded) gauges, int total, int healthy, int degraded)
    {
        gauges.Total.Set(total);
        gauges.Healthy.Set(healthy);
        gauges.Degraded.Set(degraded);
    }
}
