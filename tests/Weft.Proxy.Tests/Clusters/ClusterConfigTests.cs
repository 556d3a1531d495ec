using System.Net;
using Weft.Base.Hashing;
using Weft.Http.Http1;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Dns;
using Weft.Proxy.HttpFilters.Router;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.Clusters;

public sealed class ClusterConfigTests
{
    private readonly TestClusters _test = new();

    private ClusterConfig Good(string yaml)
    {
        var config = _test.Compile(yaml);
        Assert.Empty(_test.Faults);
        return config;
    }

    private void AssertFault(string yaml, string fault)
    {
        _test.Compile(yaml);
        Assert.Contains(fault, _test.Faults);
    }

    [Theory]
    [InlineData("{ drop_percentage: { numerator: 1 } }, { drop_percentage: { numerator: 1 } }", "load_assignment.policy.drop_overloads: Cluster drop_overloads config has 2 categories. Envoy only support one.")]
    [InlineData("{ drop_percentage: { numerator: 150 } }", "load_assignment.policy.drop_overloads[0].drop_percentage: Cluster drop_overloads config is invalid. drop_ratio=1.5(Numerator 150 / Denominator 100). The valid range is 0~1.")]
    public void Wrong_drop_overloads_are_refused(string overloads, string fault) =>
        AssertFault($"name: x\nload_assignment: {{ cluster_name: x, policy: {{ drop_overloads: [ {overloads} ] }} }}", fault);

    [Fact]
    public void A_cluster_with_nothing_but_a_name_has_envoys_defaults()
    {
        var config = Good("name: web");
        Assert.Equal(DiscoveryType.Static, config.Discovery);
        Assert.Equal(LbPolicy.RoundRobin, config.LbPolicy);
        Assert.Equal("web", config.StatName);
        Assert.Equal(5_000, config.ConnectTimeoutMs);
        Assert.Equal(1_048_576, config.PerConnectionBufferLimitBytes);
        Assert.Equal(3_600_000, config.IdleTimeoutMs);
        Assert.Equal(0, config.MaxConnectionDurationMs);
        Assert.Equal(0, config.MaxRequestsPerConnection);
        Assert.Equal(50, config.LoadBalancing.PanicThresholdPercent);
        Assert.Equal(5_000, config.Dns.RefreshMs);
        Assert.Equal(1024, config.CircuitBreakers.Default.Connections.Max);
        Assert.Equal(1024, config.CircuitBreakers.High.Requests.Max);
        Assert.Equal(3, config.CircuitBreakers.Default.Retries.Max);
        Assert.Equal(NetAddressKind.None, config.ConnectOptions.Source.Kind);
        Assert.Null(config.ConnectOptions.KeepAlive);
        Assert.True(config.WaitForWarmOnInit);
    }

    [Fact]
    public void A_hash_policy_of_the_cluster_counts_before_that_of_the_route()
    {
        const string Options = "typed_extension_protocol_options: { o: { \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: {} }, hash_policy: [ { header: { header_name: x-a } } ] } }";
        var forward = Routes.OfRoutes("- { match: { prefix: / }, route: { cluster: c, hash_policy: [ { header: { header_name: x-b } } ] } }").Match(Routes.Request("/"))!.Forward!;
        ulong? Hash(string cluster) =>
            new RequestBalancing().ContextFor(Good(cluster), forward, new StreamInfo(), Routes.Request("/", headers: [("x-a", "a"), ("x-b", "b")])).Hash;
        Assert.Equal(XxHash64.Hash("a"u8), Hash($"name: ring\nlb_policy: RING_HASH\n{Options}"));
        Assert.Equal(XxHash64.Hash("b"u8), Hash("name: maglev\nlb_policy: MAGLEV"));
        Assert.Null(Hash($"name: turns\n{Options}"));
    }

    [Fact]
    public void Everyday_fields_are_taken_over()
    {
        var config = Good("""
            name: web
            alt_stat_name: web_stats
            type: strict_dns
            lb_policy: LEAST_REQUEST
            connect_timeout: 0.25s
            per_connection_buffer_limit_bytes: 32768
            max_requests_per_connection: 7
            least_request_lb_config: { choice_count: 5, active_request_bias: { default_value: 0.5, runtime_key: x } }
            common_lb_config: { healthy_panic_threshold: { value: 30.6 } }
            dns_refresh_rate: 2s
            dns_failure_refresh_rate: { base_interval: 1s }
            respect_dns_ttl: true
            dns_lookup_family: V4_PREFERRED
            wait_for_warm_on_init: false
            load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: web.test, port_value: 80 } } } } ] } ] }
            """);
        Assert.Equal("web_stats", config.StatName);
        Assert.Equal("cluster.web_stats.", config.StatsScope.Prefix);
        Assert.Equal(DiscoveryType.StrictDns, config.Discovery);
        Assert.Equal(LbPolicy.LeastRequest, config.LbPolicy);
        Assert.Equal(250, config.ConnectTimeoutMs);
        Assert.Equal(32_768, config.PerConnectionBufferLimitBytes);
        Assert.Equal(7, config.MaxRequestsPerConnection);
        Assert.Equal(5, config.LoadBalancing.ChoiceCount);
        Assert.Equal((0.5, "x"), (config.LoadBalancing.ActiveRequestBias, config.LoadBalancing.ActiveRequestBiasKey));
        Assert.Equal(31, config.LoadBalancing.PanicThresholdPercent);
        Assert.Equal(2_000, config.Dns.RefreshMs);
        Assert.Equal(1_000, config.Dns.FailureBaseMs);
        Assert.Equal(10_000, config.Dns.FailureMaxMs);
        Assert.True(config.Dns.RespectTtl);
        Assert.Equal(DnsLookupFamily.V4Preferred, config.Dns.Family);
        Assert.False(config.WaitForWarmOnInit);
        var endpoint = Assert.Single(Assert.Single(config.Assignment.Localities).Endpoints);
        Assert.Equal(("web.test", 80), (endpoint.DnsName, endpoint.Port));
    }

    [Fact]
    public void Typed_protocol_options_are_taken_over()
    {
        var config = Good("""
            name: web
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                common_http_protocol_options: { idle_timeout: 0s, max_connection_duration: 60s, max_headers_count: 10, max_requests_per_connection: 3, headers_with_underscores_action: DROP_HEADER, max_stream_duration: 9s }
                explicit_http_config: { http_protocol_options: { enable_trailers: true, allow_chunked_length: true } }
            """);
        Assert.Equal(0, config.IdleTimeoutMs);
        Assert.Equal(60_000, config.MaxConnectionDurationMs);
        Assert.Equal(9_000, config.MaxStreamDurationMs);
        Assert.Equal(3, config.MaxRequestsPerConnection);
        Assert.Equal(10, config.Http1.MaxHeadersCount);
        Assert.True(config.Http1.EnableTrailers);
        Assert.True(config.Http1.AllowChunkedLength);
        Assert.Equal(UnderscoreAction.DropHeader, config.Http1.Underscores);
    }

    [Fact]
    public void The_deprecated_places_of_protocol_options_still_count()
    {
        var config = Good("name: web\ncommon_http_protocol_options: { idle_timeout: 1s }\nhttp_protocol_options: { enable_trailers: true }");
        Assert.Equal(1_000, config.IdleTimeoutMs);
        Assert.True(config.Http1.EnableTrailers);
    }

    [Fact]
    public void A_duration_below_a_millisecond_does_not_become_none()
    {
        Assert.Equal(1, Good("name: web\ncommon_http_protocol_options: { idle_timeout: 0.0001s }").IdleTimeoutMs);
    }

    [Fact]
    public void Endpoints_have_localities_priorities_weights_and_health()
    {
        var config = Good("""
            name: web
            load_assignment:
              cluster_name: web
              policy: { overprovisioning_factor: 100, weighted_priority_health: true }
              endpoints:
              - locality: { region: r, zone: z, sub_zone: s }
                load_balancing_weight: 3
                lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 80 } }, hostname: one }
                  load_balancing_weight: 5
                  health_status: DEGRADED
              - priority: 1
                lb_endpoints:
                - endpoint: { address: { pipe: { path: /tmp/web.sock } } }
            """);
        Assert.Equal(100u, config.Assignment.OverprovisioningFactor);
        Assert.True(config.Assignment.WeightedPriorityHealth);
        var (first, second) = (config.Assignment.Localities[0], config.Assignment.Localities[1]);
        Assert.Equal(("r", "z", "s", 3u, 0), (first.Region, first.Zone, first.SubZone, first.Weight, first.Priority));
        Assert.Equal(("127.0.0.1:80", "one", 5u, EndpointHealthFlags.DegradedEdsHealth),
            (first.Endpoints[0].Address.ToString(), first.Endpoints[0].Hostname, first.Endpoints[0].Weight, first.Endpoints[0].HealthFlags));
        Assert.Equal(1, second.Priority);
        Assert.Equal(NetAddressKind.Unix, second.Endpoints[0].Address.Kind);
    }

    [Fact]
    public void Connections_are_bound_and_kept_alive_as_configured()
    {
        var config = Good("""
            name: web
            upstream_bind_config:
              source_address: { address: 127.0.0.9, port_value: 0 }
              freebind: true
              socket_options:
              - { level: 1, name: 36, int_value: 7, state: STATE_PREBIND }
              - { level: 1, name: 37, buf_value: AQI=, state: STATE_PREBIND }
              - { level: 1, name: 38, int_value: 7, state: STATE_LISTENING }
            upstream_connection_options: { tcp_keepalive: { keepalive_time: 30 } }
            """);
        Assert.Equal("127.0.0.9:0", config.ConnectOptions.Source.ToString());
        Assert.Equal(new Weft.Net.TcpKeepAlive(null, 30, null), config.ConnectOptions.KeepAlive);
        Assert.Equal([(0, 15), (1, 36), (1, 37)], config.ConnectOptions.SocketOptions.Select(o => (o.Level, o.Name)));
        Assert.Equal(new byte[] { 7, 0, 0, 0 }, config.ConnectOptions.SocketOptions[1].Value.ToArray());
        Assert.Equal(new byte[] { 1, 2 }, config.ConnectOptions.SocketOptions[2].Value.ToArray());
    }

    [Fact]
    public void Another_source_address_serves_for_peers_of_the_other_ip_version()
    {
        var options = Good("""
            name: web
            upstream_bind_config:
              source_address: { address: 127.0.0.9, port_value: 0 }
              extra_source_addresses: [ { address: { address: '::2', port_value: 0 } }, { address: { address: '::3', port_value: 0 } } ]
            """).ConnectOptions;
        Assert.Equal("127.0.0.9:0", options.SourceFor(NetAddress.FromIP(IPAddress.Loopback, 80)).ToString());
        Assert.Equal("[::2]:0", options.SourceFor(NetAddress.FromIP(IPAddress.IPv6Loopback, 80)).ToString());
    }

    [Fact]
    public void Extra_source_addresses_without_a_first_one_are_refused()
    {
        _test.Compile("{ name: web, upstream_bind_config: { extra_source_addresses: [ { address: { address: '::2', port_value: 0 } } ] } }");
        Assert.EndsWith("Cluster web's upstream binding config has extra/additional source addresses but no source_address. Extra/additional addresses cannot be specified if source_address is not set.", Assert.Single(_test.Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("round_robin.v3.RoundRobin", LbPolicy.RoundRobin)]
    [InlineData("least_request.v3.LeastRequest", LbPolicy.LeastRequest)]
    [InlineData("random.v3.Random", LbPolicy.Random)]
    [InlineData("ring_hash.v3.RingHash", LbPolicy.RingHash)]
    [InlineData("maglev.v3.Maglev", LbPolicy.Maglev)]
    public void The_first_known_policy_of_a_list_is_taken_and_lb_policy_ignored(string type, LbPolicy expected)
    {
        var config = _test.Compile($$"""
            name: web
            lb_policy: RING_HASH
            load_balancing_policy:
              policies:
              - typed_extension_config: { name: a, typed_config: { "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.pick_first.v3.PickFirst } }
              - typed_extension_config: { name: b, typed_config: { "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.{{type}} } }
            """);
        Assert.Equal(expected, config.LbPolicy);
    }

    [Fact]
    public void A_list_without_a_known_policy_is_refused() => AssertFault(
        """
        name: web
        load_balancing_policy: { policies: [ { typed_extension_config: { name: a, typed_config: { "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.pick_first.v3.PickFirst } } } ] }
        """,
        "load_balancing_policy: cluster: didn't find a registered load balancer factory implementation for cluster: 'web' with names from [a]");

    [Fact]
    public void A_host_name_in_a_static_cluster_is_refused_with_envoys_advice() => AssertFault(
        "name: web\nload_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: foo, port_value: 80 } } } } ] } ] }",
        "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: malformed IP address: foo. Consider setting resolver_name or setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'");

    [Fact]
    public void All_faults_are_told_at_once()
    {
        _test.Compile("""
            name: web
            eds_cluster_config: { service_name: x }
            dns_failure_refresh_rate: { base_interval: 5s, max_interval: 1s }
            upstream_bind_config: { source_address: { address: nowhere, port_value: 0 } }
            load_assignment:
              cluster_name: web
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: one, port_value: 80 } } }
                - endpoint: { address: { socket_address: { address: 1.2.3.4, named_port: http } } }
                - endpoint: { hostname: x }
            """);
        Assert.Equal(
            [
                "eds_cluster_config: eds_cluster_config set in a non-EDS cluster",
                "dns_failure_refresh_rate.max_interval: dns_failure_refresh_rate must have max_interval greater than or equal to the base_interval",
                "upstream_bind_config.source_address.address: malformed IP address: nowhere",
                "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: malformed IP address: one. Consider setting resolver_name or setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'",
                "load_assignment.endpoints[0].lb_endpoints[1].endpoint.address.socket_address.named_port: IP resolver can't handle port specifier type 4. Consider setting resolver_name or setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'",
                "load_assignment.endpoints[0].lb_endpoints[2].endpoint: Address must be set",
            ],
            _test.Faults);
    }

    [Theory]
    [InlineData("load_assignment: { cluster_name: web, endpoints: [] }")]
    [InlineData("load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: a, port_value: 80 } } } }, { endpoint: { address: { socket_address: { address: b, port_value: 80 } } } } ] } ] }")]
    [InlineData("load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: a, port_value: 80 } } } } ] }, { lb_endpoints: [ { endpoint: { address: { socket_address: { address: b, port_value: 80 } } } } ] } ] }")]
    public void A_logical_dns_cluster_has_exactly_one_endpoint(string assignment) => AssertFault(
        $"name: web\ntype: LOGICAL_DNS\n{assignment}",
        "load_assignment.endpoints: LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint");

    [Fact]
    public void A_logical_dns_cluster_without_assignment_is_refused() =>
        AssertFault("name: web\ntype: LOGICAL_DNS", ": LOGICAL_DNS clusters must have a single host");

    [Theory]
    [InlineData("STRICT_DNS")]
    [InlineData("LOGICAL_DNS")]
    public void A_custom_resolver_or_a_pipe_in_a_dns_cluster_is_refused(string type)
    {
        const string Start = "load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [ { endpoint: { address: { ";
        AssertFault($"name: web\ntype: {type}\n{Start} socket_address: {{ address: a, port_value: 80, resolver_name: x }} }} }} }} ] }} ] }}",
            $"load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.resolver_name: {type} clusters must NOT have a custom resolver name set");
        AssertFault($"name: web\ntype: {type}\n{Start} pipe: {{ path: /x }} }} }} }} ] }} ] }}",
            $"load_assignment.endpoints[0].lb_endpoints[0].endpoint.address: {type} clusters need socket_address");
    }

    [Fact]
    public void Limits_given_twice_are_refused() => AssertFault(
        "name: web\nmax_requests_per_connection: 1\ncommon_http_protocol_options: { max_requests_per_connection: 2 }",
        "max_requests_per_connection: Only one of max_requests_per_connection from Cluster or HttpProtocolOptions can be specified");

    [Theory]
    [InlineData("")]
    [InlineData("\ntransport_socket: { name: raw, typed_config: { '@type': type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer } }")]
    [InlineData("\ntransport_socket: { name: tls, typed_config: { '@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext } }\ntransport_socket_matches: [ { name: clear, match: {} } ]")]
    public void What_ALPN_is_to_decide_needs_TLS(string socket) => AssertFault(
        $"name: web\ntyped_extension_protocol_options: {{ envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {{ '@type': type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, auto_config: {{}} }} }}{socket}",
        "transport_socket: ALPN configured for cluster web which has a non-ALPN transport socket: web");

    [Theory]
    [InlineData("", null, false)]
    [InlineData("force_local_zone: {}", 1, false)]
    [InlineData("force_local_zone: { min_size: 4 }, locality_basis: HEALTHY_HOSTS_WEIGHT", 4, true)]
    [InlineData("force_locality_direct_routing: true", 1, false)]
    public void Requests_can_be_kept_in_their_zone(string zones, int? minSize, bool byWeight)
    {
        var config = Good(
            $$"""
            name: web
            load_balancing_policy: { policies: [ { typed_extension_config: { name: a, typed_config: {
              "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest, locality_lb_config: { zone_aware_lb_config: { {{zones}} } } } } } ] }
            """);
        Assert.Equal((minSize, byWeight), (config.LoadBalancing.Zones.ForceLocalMinSize, config.LoadBalancing.Zones.ByWeight));
    }

    [Fact]
    public void A_cluster_type_names_a_built_in_type_or_is_refused()
    {
        Assert.Equal(DiscoveryType.StrictDns, _test.Compile("name: web\ncluster_type: { name: envoy.cluster.strict_dns }").Discovery);
        AssertFault("name: web\ncluster_type: { name: my.type }", "cluster_type.name: Didn't find a registered cluster factory implementation for name: 'my.type'");
    }

    [Fact]
    public void A_cluster_may_have_a_resolver_of_its_own()
    {
        Assert.Null(Good("name: web").Dns.Resolver);
        var typed = Good("""
            name: web
            typed_dns_resolver_config:
              name: envoy.network.dns_resolver.cares
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig
                resolvers: [ { socket_address: { address: 10.0.0.53, port_value: 5353 } }, { socket_address: { address: "::1", port_value: 0 } } ]
                use_resolvers_as_fallback: true
                filter_unroutable_families: true
                dns_resolver_options: { use_tcp_for_dns_lookups: true, no_default_search_domain: true }
            """).Dns.Resolver!;
        Assert.Equal(["10.0.0.53:5353", "[::1]:53"], typed.Resolvers.Select(r => r.ToString()));
        Assert.True(typed is { UseResolversAsFallback: true, FilterUnroutableFamilies: true, UseTcp: true, NoDefaultSearchDomain: true });
        var old = Good("name: web\ndns_resolvers: [ { socket_address: { address: 10.0.0.53, port_value: 53 } } ]\nuse_tcp_for_dns_lookups: true").Dns.Resolver!;
        Assert.True(old.UseTcp);
        Assert.Equal("10.0.0.53:53", Assert.Single(old.Resolvers).ToString());
        AssertFault("name: web\ndns_resolution_config: { resolvers: [ { socket_address: { address: dns.test, port_value: 53 } } ] }",
            "dns_resolution_config.resolvers[0].socket_address.address: malformed IP address: dns.test");
    }

    [Fact]
    public void Circuit_breakers_have_limits_by_priority_and_gauges()
    {
        var config = Good("""
            name: web
            circuit_breakers:
              thresholds:
              - { max_connections: "2", track_remaining: true }
              - { priority: HIGH, max_requests: 5 }
              - { max_connections: 99 }
            """);
        var limit = config.CircuitBreakers[0].Connections;
        Assert.Equal(2, limit.Max);
        Assert.Equal(5, config.CircuitBreakers[1].Requests.Max);
        Assert.Equal(1024, config.CircuitBreakers[1].Connections.Max);
        Assert.True(limit.TryAcquire());
        Assert.Equal(0, _test.Printed("cluster.web.circuit_breakers.default.cx_open"));
        Assert.Equal(1, _test.Printed("cluster.web.circuit_breakers.default.remaining_cx"));
        Assert.True(limit.TryAcquire());
        Assert.False(limit.TryAcquire());
        Assert.Equal(1, _test.Printed("cluster.web.circuit_breakers.default.cx_open"));
        Assert.Equal(0, _test.Printed("cluster.web.circuit_breakers.default.remaining_cx"));
        Assert.Equal(0, _test.Printed("cluster.web.circuit_breakers.high.cx_open"));
        Assert.Null(_test.Printed("cluster.web.circuit_breakers.high.remaining_cx"));
        limit.Release();
        Assert.True(limit.TryAcquire());
    }
}
