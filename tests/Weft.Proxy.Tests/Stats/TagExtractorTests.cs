using Weft.Proxy.Stats;

namespace Weft.Proxy.Tests.Stats;

public sealed class TagExtractorTests
{
    [Theory]
    [InlineData("cluster.ratelimit.upstream_rq_timeout", "cluster.upstream_rq_timeout", "envoy.cluster_name=ratelimit")]
    [InlineData("cluster.web.upstream_rq_200", "cluster.upstream_rq", "envoy.response_code=200 envoy.cluster_name=web")]
    [InlineData("cluster.web.internal.upstream_rq_5xx", "cluster.internal.upstream_rq_xx", "envoy.response_code_class=5 envoy.cluster_name=web")]
    [InlineData("cluster.web.upstream_rq_20", "cluster.upstream_rq_20", "envoy.cluster_name=web")]
    [InlineData("cluster.web.upstream_rq_200a", "cluster.upstream_rq_200a", "envoy.cluster_name=web")]
    [InlineData("listener.[__1]_0.ssl.ciphers.AES256-SHA", "listener.ssl.ciphers", "envoy.ssl_cipher=AES256-SHA envoy.listener_address=[__1]_0")]
    [InlineData("cluster.ratelimit.ssl.ciphers.ECDHE-RSA", "cluster.ssl.ciphers", "cipher_suite=ECDHE-RSA envoy.cluster_name=ratelimit")]
    [InlineData("listener.127.0.0.1_0.ssl.ciphers.AES256-SHA", "listener.ssl.ciphers", "envoy.ssl_cipher=AES256-SHA envoy.listener_address=127.0.0.1_0")]
    [InlineData("listener.my_prefix.ssl.ciphers.AES256-SHA", "listener.ssl.ciphers", "envoy.ssl_cipher=AES256-SHA envoy.listener_address=my_prefix")]
    [InlineData("listener.prefix.notmatching.ssl.ciphers.AES256-SHA", "listener.notmatching.ssl.ciphers", "envoy.ssl_cipher=AES256-SHA envoy.listener_address=prefix")]
    [InlineData("listener.admin.ssl.ciphers.AES256-SHA", "listener.admin.ssl.ciphers", "envoy.ssl_cipher=AES256-SHA")]
    [InlineData("listener.admin.downstream_cx_total", "listener.admin.downstream_cx_total", "")]
    [InlineData("mongo.mongo_filter.cmd.foo_cmd.reply_size", "mongo.cmd.reply_size", "envoy.mongo_cmd=foo_cmd envoy.mongo_prefix=mongo_filter")]
    [InlineData("mongo.f.collection.c.callsite.s.query.scatter_get", "mongo.collection.callsite.query.scatter_get", "envoy.mongo_callsite=s envoy.mongo_collection=c envoy.mongo_prefix=f")]
    [InlineData("ratelimit.foo.over_limit", "ratelimit.over_limit", "envoy.ratelimit_prefix=foo")]
    [InlineData("foo.http_local_rate_limit.ok", "http_local_rate_limit.ok", "envoy.local_http_ratelimit_prefix=foo")]
    [InlineData("http.d.dynamodb.table.t.capacity.Query.__partition_id=ABC1234", "http.dynamodb.table.capacity", "envoy.dynamo_partition_id=ABC1234 envoy.dynamo_operation=Query envoy.dynamo_table=t envoy.http_conn_manager_prefix=d")]
    [InlineData("cluster.c.grpc.service_1.method_1.success", "cluster.grpc.success", "envoy.grpc_bridge_method=method_1 envoy.grpc_bridge_service=service_1 envoy.cluster_name=c")]
    [InlineData("vhost.v.vcluster.c.upstream_rq_2xx", "vhost.vcluster.upstream_rq_xx", "envoy.response_code_class=2 envoy.virtual_cluster=c envoy.virtual_host=v")]
    [InlineData("listener.127.0.0.1_3012.http.p.downstream_rq_5xx", "listener.http.downstream_rq_xx", "envoy.response_code_class=5 envoy.http_conn_manager_prefix=p envoy.listener_address=127.0.0.1_3012")]
    [InlineData("http.ingress.user_agent.ios.downstream_cx_total", "http.user_agent.downstream_cx_total", "envoy.http_user_agent=ios envoy.http_conn_manager_prefix=ingress")]
    [InlineData("http.m.fault.f.aborts_injected", "http.fault.aborts_injected", "envoy.fault_downstream_cluster=f envoy.http_conn_manager_prefix=m")]
    [InlineData("http.m.rds.agg/route_config.1-23.update_success", "http.rds.update_success", "envoy.rds_route_config=agg/route_config.1-23 envoy.http_conn_manager_prefix=m")]
    [InlineData("listener_manager.worker_123.dispatcher.loop_duration_us", "listener_manager.worker_dispatcher.loop_duration_us", "envoy.worker_id=123")]
    [InlineData("listener.127.0.0.1_3012.worker_123.downstream_cx_active", "listener.worker_downstream_cx_active", "envoy.worker_id=123 envoy.listener_address=127.0.0.1_3012")]
    [InlineData("listener.p.worker_1.downstream_cx_active", "listener.worker_downstream_cx_active", "envoy.worker_id=1 envoy.listener_address=p")]
    [InlineData("server.worker_123.watchdog_miss", "server.worker_watchdog_miss", "envoy.worker_id=123")]
    [InlineData("my.rbac.allowed", "rbac.allowed", "envoy.rbac_prefix=my")]
    [InlineData("http.h.rbac.prefix.allowed", "http.rbac.allowed", "envoy.rbac_http_prefix=prefix envoy.http_conn_manager_prefix=h")]
    [InlineData("http.h.rbac.policy.p.allowed", "http.rbac.policy.allowed", "envoy.rbac_policy_name=p envoy.http_conn_manager_prefix=h")]
    [InlineData("http.h.rbac.prefix.policy.p.shadow_denied", "http.rbac.policy.shadow_denied", "envoy.rbac_policy_name=p envoy.rbac_http_prefix=prefix envoy.http_conn_manager_prefix=h")]
    [InlineData("proxy_proto.not_found_disallowed", "proxy_proto.not_found_disallowed", "")]
    [InlineData("proxy_proto.p.versions.v2.error", "proxy_proto.error", "envoy.proxy_protocol_prefix=p envoy.proxy_protocol_version=2")]
    [InlineData("cluster.c.ssl.certificate.server_cert.expiration_unix_time_seconds", "cluster.ssl.certificate.expiration_unix_time_seconds", "envoy.tls_certificate=server_cert envoy.cluster_name=c")]
    [InlineData("http.h.ext_authz.a.denied", "http.ext_authz.denied", "envoy.ext_authz_prefix=a envoy.http_conn_manager_prefix=h")]
    [InlineData("cluster.c.endpoint.127.0.0.1_80.rq_total", "cluster.endpoint.rq_total", "envoy.cluster_name=c envoy.endpoint_address=127.0.0.1:80")]
    [InlineData("cluster.c.endpoint.[__1]_80.healthy", "cluster.endpoint.healthy", "envoy.cluster_name=c envoy.endpoint_address=[::1]:80")]
    [InlineData("cluster.c.endpoint./run/a_b.sock.cx_total", "cluster.endpoint.cx_total", "envoy.cluster_name=c envoy.endpoint_address=/run/a_b.sock")]
    [InlineData("server.uptime", "server.uptime", "")]
    [InlineData("uptime", "uptime", "")]
    public void Default_tags_are_taken_out_of_a_name(string name, string rest, string tags)
    {
        for (var cut = 0; cut <= name.Length; cut += Math.Max(1, name.Length / 3))
        {
            var result = new ExtractedName();
            TagExtractor.Default.Extract(name.AsSpan(0, cut), name.AsSpan(cut), result);
            Assert.Equal(rest, result.Rest.ToString());
            Assert.Equal(tags, TagsOf(result));
        }
    }

    [Theory]
    [InlineData("$.is.the.time", "now.is.the.time", "now", "is.the.time")]
    [InlineData("$.is.the.**", "now.is.the.time.to.come", "now", "is.the.time.to.come")]
    [InlineData("$.is.the.*", "now.is.the.time.to.come", null, null)]
    [InlineData("$.**.aid.of.their", "now.is.the.aid.backtrack.now.aid.of.their", "now", "is.the.aid.backtrack.now.aid.of.their")]
    [InlineData("now.**.aid.$.of.their", "now.is.the.aid.fake.aid.real.of.their", "real", "now.is.the.aid.fake.aid.of.their")]
    [InlineData("now.is.the.$", "now.is.the.time", "time", "now.is.the")]
    [InlineData("now.is.$.time", "now.was.the.time", null, null)]
    [InlineData("now.$.the", "now.is.the.time", null, null)]
    [InlineData("now.$.the.time.to", "now.is.the.time", null, null)]
    public void Words_between_dots_match_a_pattern(string pattern, string name, string? value, string? rest)
    {
        var result = new ExtractedName();
        new TagExtractor([new TokenTagRule("tag", pattern)]).Extract(name, "", result);
        Assert.Equal(value is null ? "" : "tag=" + value, TagsOf(result));
        Assert.Equal(rest ?? name, result.Rest.ToString());
    }

    [Fact]
    public void An_expression_with_one_group_takes_it_as_value_and_with_two_the_inner_one()
    {
        var result = new ExtractedName();
        new TagExtractor([new RegexTagRule("port", @"^listener\.(\d+?\.)"), new RegexTagRule("name", @"\.((\w+)_total)$")]).Extract("listener.80.", "cx_total", result);
        Assert.Equal("port=80. name=cx", TagsOf(result));
        Assert.Equal("listener.", result.Rest.ToString());
    }

    [Fact]
    public void Extraction_allocates_nothing_for_everyday_names()
    {
        var result = new ExtractedName();
        string[] names = ["cluster.web.upstream_rq_200", "http.ingress.downstream_rq_xx", "listener.0.0.0.0_80.worker_1.downstream_cx_total", "server.uptime"];
        foreach (var name in names)
            TagExtractor.Default.Extract(name, "", result);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var name in names)
            TagExtractor.Default.Extract(name, "", result);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static string TagsOf(ExtractedName name) =>
        string.Join(' ', Enumerable.Range(0, name.TagCount).Select(tag => $"{name.TagName(tag)}={name.TagValue(tag)}"));
}
