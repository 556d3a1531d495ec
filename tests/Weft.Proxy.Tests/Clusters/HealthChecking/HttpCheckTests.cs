using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Clusters.HealthChecking;

public sealed class HttpCheckTests
{
    private const string Livez = "http_health_check: { path: /livez }";
    private const string Tls = "{ name: tls, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext } }";

    [Fact]
    public void A_cluster_is_initialized_when_every_endpoint_was_checked_once_and_the_first_success_is_enough()
    {
        using var test = new CheckedCluster(Livez, endpoints: 2);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
        test.Accept(0).Answer("200 OK");
        test.UntilChecked(1);
        Assert.False(test.IsInitialized);
        Assert.Empty(test.Cluster.Endpoints.Priorities[0].Healthy);
        test.Accept(1).Answer("503 Unavailable");
        test.UntilChecked(2);
        Assert.True(test.IsInitialized);
        Assert.Equal([test.First], test.Cluster.Endpoints.Priorities[0].Healthy);
        Assert.Equal("healthy", test.Flags.ToText());
        Assert.Equal("/failed_active_hc", test.Cluster.Endpoints.Priorities[0].All[1].HealthFlags.ToText());
        Assert.Equal((2, 1, 1, 0), (test.Counter("attempt"), test.Counter("success"), test.Counter("failure"), test.Counter("network_failure")));
        Assert.Equal(1, test.Gauge("healthy"));
        Assert.Equal(1, test.Test.Gauge("web", "membership_healthy"));
    }

    [Fact]
    public void The_request_is_as_configured()
    {
        using var test = new CheckedCluster(
            "http_health_check: { path: /livez?a=b, host: web.example, method: HEAD, request_headers_to_add: [ { header: { key: x-probe, value: \"%UPSTREAM_CLUSTER%\" } } ], request_headers_to_remove: [ user-agent ] }");
        Assert.Equal("HEAD /livez?a=b HTTP/1.1\r\nhost: web.example\r\nx-probe: web\r\n\r\n", test.Accept().Answer("200 OK"));
    }

    [Fact]
    public void Checks_may_ask_for_protocols_of_their_own()
    {
        using var test = new CheckedCluster($"{Livez}, tls_options: {{ alpn_protocols: [ probe/1, h9 ] }}", cluster: $"transport_socket: {Tls}");
        // A hello is in clear.
        test.Accept().Read("\u0007probe/1\u0002h9");
    }

    [Fact]
    public void Checks_may_take_another_transport_socket_than_requests()
    {
        const string Match = "{ name: checks, match: { for: checks }, transport_socket: { name: clear, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer } } }";
        using var test = new CheckedCluster($"{Livez}, transport_socket_match_criteria: {{ for: checks }}", cluster: $"transport_socket: {Tls}\ntransport_socket_matches: [ {Match} ]");
        Assert.StartsWith("GET /livez", test.Accept().Answer("200 OK"), StringComparison.Ordinal);
        test.UntilChecked(1);
        Assert.Equal(1, test.Counter("success"));
    }

    [Fact]
    public void Without_a_host_the_request_names_the_cluster_and_the_checker()
    {
        using var test = new CheckedCluster(Livez);
        Assert.Equal("GET /livez HTTP/1.1\r\nhost: web\r\nuser-agent: Envoy/HC\r\n\r\n", test.Accept().Answer("200 OK"));
    }

    [Fact]
    public void An_endpoint_may_ask_for_another_host_and_port_and_address()
    {
        using var other = new CheckedCluster(Livez, endpoint: ", health_check_config: { disable_active_health_check: true }");
        using var test = new CheckedCluster(Livez, endpoint: $", health_check_config: {{ hostname: probe, port_value: {other.Port()}, address: {{ socket_address: {{ address: 127.0.0.1, port_value: 1 }} }} }}");
        test.ExpectNoCheck();
        Assert.Contains("host: probe\r\n", other.Accept().Read("\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_that_is_not_to_be_checked_is_healthy_from_the_start()
    {
        using var test = new CheckedCluster(Livez, endpoint: ", health_check_config: { disable_active_health_check: true }");
        Assert.True(test.IsInitialized);
        Assert.Equal([test.First], test.Cluster.Endpoints.Priorities[0].Healthy);
        test.ExpectNoCheck();
    }

    [Fact]
    public void A_wrong_status_fails_at_once_and_success_takes_the_threshold()
    {
        using var test = new CheckedCluster(Livez);
        var peer = test.Accept();
        peer.Answer("200 OK");
        test.UntilChecked(1);

        test.Loop.AdvanceMs(10_000);
        peer.Answer("506 Fail");
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
        Assert.Empty(test.Cluster.Endpoints.Priorities[0].Healthy);
        Assert.Equal(0, test.Gauge("healthy"));

        test.Loop.AdvanceMs(10_000);
        peer.Answer("200 OK");
        test.UntilChecked(3);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("200 OK");
        test.UntilChecked(4);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        Assert.Single(test.Cluster.Endpoints.Priorities[0].Healthy);
    }

    [Fact]
    public void Expected_and_retriable_statuses_decide()
    {
        using var test = new CheckedCluster(
            "http_health_check: { path: /, expected_statuses: [ { start: 200, end: 210 }, { start: 404, end: 405 } ], retriable_statuses: [ { start: 500, end: 510 } ] }");
        var peer = test.Accept();
        peer.Answer("404 Not Found");
        test.UntilChecked(1);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("503 Unavailable");
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("503 Unavailable");
        test.UntilChecked(3);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
    }

    [Fact]
    public void A_refused_connection_counts_towards_the_threshold()
    {
        using var test = new CheckedCluster(Livez);
        test.Accept().Answer("200 OK", "connection: close\r\n");
        test.UntilChecked(1);
        test.StopListening();
        test.Loop.AdvanceMs(10_000);
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        test.Loop.AdvanceMs(10_000);
        test.UntilChecked(3);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
        Assert.Equal(2, test.Counter("network_failure"));
    }

    [Fact]
    public void Silence_is_a_timeout_and_a_flag_says_so_until_the_next_failure_of_another_kind()
    {
        using var test = new CheckedCluster(Livez);
        var silent = test.Accept();
        silent.Read("\r\n\r\n");
        test.Loop.AdvanceMs(999);
        test.Loop.Settle();
        Assert.Equal(0, test.Counter("failure"));
        test.Loop.AdvanceMs(2);
        test.UntilChecked(1);
        Assert.Equal("/failed_active_hc/active_hc_timeout", test.Flags.ToText());
        silent.ExpectClosed();
        test.Loop.AdvanceMs(10_000);
        test.Accept().Answer("500 Error");
        test.UntilChecked(2);
        Assert.Equal("/failed_active_hc", test.Flags.ToText());
    }

    [Fact]
    public void An_endpoint_that_says_it_is_degraded_is()
    {
        using var test = new CheckedCluster(Livez);
        var peer = test.Accept();
        peer.Answer("200 OK", "x-envoy-degraded: true\r\n");
        test.UntilChecked(1);
        Assert.Equal("/degraded_active_hc", test.Flags.ToText());
        Assert.Single(test.Cluster.Endpoints.Priorities[0].Degraded);
        Assert.Equal(1, test.Gauge("degraded"));
        test.Loop.AdvanceMs(10_000);
        peer.Answer("200 OK");
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        Assert.Empty(test.Cluster.Endpoints.Priorities[0].Degraded);
        Assert.Equal(0, test.Gauge("degraded"));
    }

    [Fact]
    public void The_body_must_contain_the_expected_segments_in_order()
    {
        using var test = new CheckedCluster("http_health_check: { path: /, receive: [ { text: \"6f6b\" }, { text: \"21\" } ] }");
        var peer = test.Accept();
        peer.Answer("200 OK", body: "it is ok, so far!");
        test.UntilChecked(1);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("200 OK", body: "! ok");
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
    }

    [Fact]
    public void A_payload_is_sent_with_its_length()
    {
        using var test = new CheckedCluster("http_health_check: { path: /, method: POST, send: { text: \"70696e67\" } }");
        var request = test.Accept().Read("ping");
        Assert.StartsWith("POST / HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("content-length: 4\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_service_at_the_address_fails_the_check()
    {
        using var test = new CheckedCluster("http_health_check: { path: /, service_name_matcher: { prefix: web } }");
        var peer = test.Accept();
        peer.Answer("200 OK", "x-envoy-upstream-healthchecked-cluster: web-v1\r\n");
        test.UntilChecked(1);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("200 OK", "x-envoy-upstream-healthchecked-cluster: shop\r\n");
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
        Assert.Equal(2, test.Counter("verify_cluster"));
    }

    [Fact]
    public void Without_reuse_each_check_has_its_own_connection()
    {
        using var test = new CheckedCluster(Livez + ", reuse_connection: false");
        var first = test.Accept();
        first.Answer("200 OK");
        test.UntilChecked(1);
        first.ExpectClosed();
        test.Loop.AdvanceMs(10_000);
        test.Accept().Answer("200 OK");
        test.UntilChecked(2);
        Assert.Equal(2, test.Counter("success"));
    }

    [Fact]
    public void A_kept_connection_that_ends_between_checks_is_no_failure()
    {
        using var test = new CheckedCluster(Livez);
        var first = test.Accept();
        first.Answer("200 OK");
        test.UntilChecked(1);
        first.Dispose();
        test.Loop.Settle();
        Assert.Equal(0, test.Counter("failure"));
        test.Loop.AdvanceMs(10_000);
        test.Accept().Answer("200 OK");
        test.UntilChecked(2);
        Assert.Equal(2, test.Counter("success"));
    }

    [Fact]
    public void Ordinary_traffic_can_fail_an_endpoint_at_once()
    {
        using var test = new CheckedCluster(Livez);
        test.Accept().Answer("200 OK");
        test.UntilChecked(1);
        test.First.FailHealthCheck();
        test.First.FailHealthCheck();
        test.Loop.Settle();
        Assert.Equal("/failed_active_hc/excluded_via_immediate_hc_fail", test.Flags.ToText());
        Assert.Empty(test.Cluster.Endpoints.Priorities[0].Healthy);
        Assert.Single(test.Cluster.Endpoints.Priorities[0].Excluded);
        Assert.Equal((1, 1), (test.Counter("passive_failure"), test.Counter("failure")));
    }

    [Fact]
    public void New_endpoints_are_left_out_until_checked_when_asked()
    {
        using var test = new CheckedCluster(Livez, cluster: "common_lb_config: { ignore_new_hosts_until_first_hc: true }");
        Assert.Equal("/failed_active_hc/pending_active_hc", test.Flags.ToText());
        Assert.Single(test.Cluster.Endpoints.Priorities[0].Excluded);
        test.Accept().Answer("500 Error");
        test.UntilChecked(1);
        Assert.Equal("/failed_active_hc", test.Flags.ToText());
        Assert.Empty(test.Cluster.Endpoints.Priorities[0].Excluded);
    }
}
