using Weft.Http;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.NetworkFilters.HttpConnectionManager.Headers;

public class RequestHeaderRulesTests
{
    private const string Edge = "use_remote_address: true";

    private static readonly string[] NotFromExternal =
    [
        "x-envoy-retriable-status-codes", "x-envoy-retriable-header-names", "x-envoy-retry-on", "x-envoy-retry-grpc-on", "x-envoy-max-retries",
        "x-envoy-upstream-alt-stat-name", "x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms",
        "x-envoy-upstream-rq-timeout-alt-response", "x-envoy-expected-rq-timeout-ms", "x-envoy-force-trace", "x-envoy-ip-tags",
        "x-envoy-original-url", "x-envoy-hedge-on-per-try-timeout", "x-secret",
    ];

    private static readonly string[] NotFromEdge =
    [
        "x-envoy-decorator-operation", "x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node", "x-envoy-original-path",
        "x-envoy-original-host",
    ];

    [Theory]
    [InlineData(Edge, "50.0.0.1", true, true)]
    [InlineData(Edge, "10.0.0.1", false, false)]
    [InlineData("via: ''", "50.0.0.1", true, false)]
    public void What_an_external_client_may_not_say_is_removed(string config, string peer, bool external, bool edge)
    {
        var sent = NotFromExternal.Concat(NotFromEdge).Select(static name => (name, "spoofed")).ToArray();
        var headers = new Rules(config + ", route_config: { internal_only_headers: [X-Secret] }", peer).Apply(sent);
        Assert.Equal(external ? [] : NotFromExternal, NotFromExternal.Where(name => headers.Has(new HeaderName(name))));
        Assert.Equal(edge ? [] : NotFromEdge, NotFromEdge.Where(name => headers.Has(new HeaderName(name))));
    }

    [Theory]
    [InlineData(Edge, false, null, null, "http", "http")]
    [InlineData(Edge, true, null, null, "https", "https")]
    [InlineData(Edge, false, "https", null, "http", "http")]
    [InlineData(Edge, false, "https", "https", "http", "https")]
    [InlineData(Edge + ", xff_num_trusted_hops: 1", false, "https", null, "https", "https")]
    [InlineData("via: ''", false, "https", null, "https", "https")]
    [InlineData("via: ''", false, "HTTPS", null, "HTTPS", "https")]
    [InlineData("via: ''", false, "ftp", null, "ftp", "http")]
    [InlineData("via: ''", true, null, "HTTP", "https", "http")]
    [InlineData("scheme_header_transformation: { scheme_to_overwrite: https }", false, "http", "http", "https", "https")]
    public void Scheme_and_x_forwarded_proto(string config, bool tls, string? proto, string? scheme, string expectedProto, string expectedScheme)
    {
        var sent = new List<(string, string)>();
        if (proto is not null) sent.Add(("x-forwarded-proto", proto));
        if (scheme is not null) sent.Add((":scheme", scheme));
        var headers = new Rules(config, tls: tls).Apply([.. sent]);
        Assert.Equal(expectedProto, headers.Get("x-forwarded-proto"));
        Assert.Equal(expectedScheme, headers.Get(":scheme"));
    }

    [Theory]
    [InlineData(Edge + ", append_x_forwarded_port: true", "1", "8080")]
    [InlineData(Edge + ", append_x_forwarded_port: true, xff_num_trusted_hops: 1", "1", "1")]
    [InlineData("append_x_forwarded_port: true", "1", "1")]
    [InlineData("append_x_forwarded_port: true", null, "8080")]
    [InlineData(Edge, null, "")]
    public void The_listener_s_port_can_be_told(string config, string? sent, string expected)
        => Assert.Equal(expected, (sent is null ? new Rules(config).Apply() : new Rules(config).Apply(("x-forwarded-port", sent))).Get("x-forwarded-port"));

    [Fact]
    public void A_request_without_an_id_gets_a_uuid()
    {
        var rules = new Rules(Edge);
        var first = rules.Apply().Get("x-request-id");
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", first);
        Assert.NotEqual(first, rules.Apply().Get("x-request-id"));
        Assert.Equal("", new Rules("generate_request_id: false").Apply().Get("x-request-id"));
    }

    [Theory]
    [InlineData(Edge, "50.0.0.1", false)]
    [InlineData(Edge, "10.0.0.1", true)]
    [InlineData("via: ''", "50.0.0.1", true)]
    [InlineData(Edge + ", preserve_external_request_id: true", "50.0.0.1", true)]
    public void An_id_from_outside_is_not_believed(string config, string peer, bool kept)
        => Assert.Equal(kept, new Rules(config, peer).Apply(("x-request-id", "own")).Get("x-request-id") == "own");

    [Fact]
    public void A_kept_id_from_outside_does_not_decide_about_tracing()
    {
        const string Traced = "125a4afb-6f55-94ba-ad80-413f09f48a28";
        Assert.Equal("125a4afb-6f55-44ba-ad80-413f09f48a28", new Rules(Edge + ", preserve_external_request_id: true", "50.0.0.1").Apply(("x-request-id", Traced)).Get("x-request-id"));
        Assert.Equal(Traced, new Rules("via: ''").Apply(("x-request-id", Traced)).Get("x-request-id"));
        const string NotPacked = ", request_id_extension: { typed_config: { '@type': type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig, pack_trace_reason: false } }";
        Assert.Equal(Traced, new Rules(Edge + ", preserve_external_request_id: true" + NotPacked, "50.0.0.1").Apply(("x-request-id", Traced)).Get("x-request-id"));
    }

    [Theory]
    [InlineData(null, "service-1")]
    [InlineData("", "service-1")]
    [InlineData("curl", "curl")]
    public void The_service_can_be_told(string? userAgent, string expected)
    {
        var headers = userAgent is null ? new Rules("add_user_agent: true").Apply() : new Rules("add_user_agent: true").Apply(("user-agent", userAgent));
        Assert.Equal(expected, headers.Get("user-agent"));
        Assert.Equal("service-1", headers.Get("x-envoy-downstream-service-cluster"));
        Assert.Equal("node-1", headers.Get("x-envoy-downstream-service-node"));
    }

    [Fact]
    public void Via_is_appended()
    {
        Assert.Equal("weft", new Rules("via: weft").Apply().Get("via"));
        Assert.Equal("1.0 proxy1, weft", new Rules("via: weft").Apply(("via", "1.0 proxy1")).Get("via"));
    }

    [Theory]
    [InlineData("via: ''", false)]
    [InlineData("forward_client_cert_details: FORWARD_ONLY", false)]
    [InlineData("forward_client_cert_details: ALWAYS_FORWARD_ONLY", true)]
    public void A_client_s_word_about_its_certificate_is_not_believed(string config, bool kept)
        => Assert.Equal(kept, new Rules(config).Apply(("x-forwarded-client-cert", "By=x")).Has(KnownHeader.XForwardedClientCert));

    [Theory]
    [InlineData("http://a.com/x?y", true)]
    [InlineData("https://a.com", true)]
    [InlineData("https://a.com:8443/%20", true)]
    [InlineData("/relative/x?y", true)]
    [InlineData("a/b:c", true)]
    [InlineData("http://user@a.com/", false)]
    [InlineData("http://a.com/#fragment", false)]
    [InlineData("/x#fragment", false)]
    [InlineData("http:///x", false)]
    [InlineData("a:b", false)]
    [InlineData("a b", false)]
    [InlineData("http://a.com/a b", false)]
    public void A_referer_that_is_none_is_removed(string referer, bool kept)
        => Assert.Equal(kept, new Rules("via: ''").Apply(("referer", referer)).Has(KnownHeader.Referer));

    [Fact]
    public void Two_referers_are_none() => Assert.False(new Rules("via: ''").Apply(("referer", "/a"), ("referer", "/b")).Has(KnownHeader.Referer));

    [Theory]
    [InlineData("via: ''", "/a/../b", 0, "/a/../b")]
    [InlineData("normalize_path: true", "/a/../b", 0, "/b")]
    [InlineData("normalize_path: true", "/info/%2e%2E/private", 0, "/private")]
    [InlineData("normalize_path: true, merge_slashes: true", "/a//./b//c?d//e", 0, "/a/b/c?d//e")]
    [InlineData("merge_slashes: true", "//a//b", 0, "/a/b")]
    [InlineData("normalize_path: true", "/a%00b", 400, null)]
    [InlineData("via: ''", "/a#b", 400, null)]
    [InlineData("path_with_escaped_slashes_action: KEEP_UNCHANGED", "/a%2Fb", 0, "/a%2Fb")]
    [InlineData("path_with_escaped_slashes_action: REJECT_REQUEST", "/a%5cb", 400, null)]
    [InlineData("path_with_escaped_slashes_action: UNESCAPE_AND_FORWARD", "/a%2Fb?c%2Fd", 0, "/a/b?c%2Fd")]
    [InlineData("path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT", "/a%2fb", 307, "/a/b")]
    public void The_path_is_normalised(string config, string path, int status, string? expected)
    {
        var request = Rules.Bare(path);
        var verdict = new Rules(config).Apply(request);
        Assert.Equal(status, verdict.Status);
        Assert.Equal(status == 0 ? null : "path_normalization_failed", verdict.Details);
        Assert.Equal(status == 307, verdict.IsRedirect);
        if (expected is not null) Assert.Equal(expected, request.Get(":path"));
    }

    [Fact]
    public void A_grpc_client_is_not_redirected()
    {
        var request = Rules.Bare("/a%2fb", ("content-type", "application/grpc"));
        Assert.Equal(RequestVerdict.InvalidPath, new Rules("path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT").Apply(request));
    }

    [Theory]
    [InlineData("strip_any_host_port: true", "a.com:9", "a.com")]
    [InlineData("strip_matching_host_port: true", "a.com:8080", "a.com")]
    [InlineData("strip_matching_host_port: true", "a.com:9", "a.com:9")]
    [InlineData("strip_trailing_host_dot: true", "a.com.", "a.com")]
    [InlineData("strip_trailing_host_dot: true", "a.com.:80", "a.com:80")]
    public void The_host_is_normalised(string config, string host, string expected)
    {
        var request = Rules.Bare("/");
        request.Set(KnownHeader.Authority, System.Text.Encoding.ASCII.GetBytes(host));
        Assert.True(new Rules(config).Apply(request).IsContinue);
        Assert.Equal(expected, request.Get(":authority"));
    }

    [Theory]
    [InlineData("GET", "a b", "/", 400, "http.invalid_authority")]
    [InlineData("GET", "a/b", "/", 400, "http.invalid_authority")]
    [InlineData("G ET", "a", "/", 400, "http.invalid_method")]
    [InlineData("GET", "a", "", 404, "missing_path_rejected")]
    [InlineData("CONNECT", "a", "", 404, "missing_path_rejected")]
    [InlineData("GET", "a", "x", 404, "absolute_path_rejected")]
    [InlineData("GET", "a", "*", 404, "absolute_path_rejected")]
    [InlineData("OPTIONS", "a", "*", 0, null)]
    [InlineData("GET", null, "/", 400, "missing_host_header")]
    [InlineData("CONNECT", "a:1", null, 0, null)]
    [InlineData("GET", "a", null, 404, "missing_path_rejected")]
    public void What_a_request_must_have(string method, string? host, string? path, int status, string? details)
    {
        var request = new HeaderMap();
        Routes.Add(request, ":method", method);
        if (host is not null) Routes.Add(request, ":authority", host);
        if (path is not null) Routes.Add(request, ":path", path);
        var verdict = new Rules("via: ''").Apply(request);
        Assert.Equal((status, details), (verdict.Status, verdict.Details));
    }

    [Fact]
    public void Hop_by_hop_headers_go_no_further()
    {
        var headers = new Rules("via: ''").Apply(("connection", "close, x-hop"), ("x-hop", "1"), ("keep-alive", "5"), ("proxy-connection", "close"), ("te", "gzip"), ("upgrade", "x"));
        foreach (var name in new[] { "connection", "x-hop", "keep-alive", "proxy-connection", "te", "upgrade" }) Assert.Empty(headers.All(name));
        Assert.Equal("websocket", new Rules("via: ''").Apply(("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")).Get("upgrade"));
        Assert.Equal(RequestVerdict.InvalidConnection, new Rules("via: ''").Apply(Rules.Bare("/", ("connection", "x-forwarded-for"))));
    }

    [Fact]
    public void Early_mutations_come_before_anything_is_made_of_the_headers()
    {
        const string Mutations = "[ { append: { header: { key: x-forwarded-for, value: '%REQ(x-client)%' }, append_action: OVERWRITE_IF_EXISTS_OR_ADD } }, { remove: x-client } ]";
        var rules = new Rules($"early_header_mutation_extensions: [ {{ name: early, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation, mutations: {Mutations} }} }} ]");
        var headers = rules.Apply(("x-client", "203.0.113.9"), ("x-forwarded-for", "1.2.3.4"));
        Assert.Equal(("203.0.113.9", ""), (rules.Info.DownstreamRemoteAddress.ToString().Split(':')[0], headers.Get("x-client")));
    }

    [Theory]
    [InlineData("strip_any_host_port: true, strip_matching_host_port: true", "Error: Only one of `strip_matching_host_port` or `strip_any_host_port` can be set.")]
    [InlineData("internal_address_config: { cidr_ranges: [{ address_prefix: nonsense }] }", "invalid CIDR range nonsense/0")]
    [InlineData("use_remote_address: true, original_ip_detection_extensions: [ { name: x, typed_config: { '@type': type.googleapis.com/envoy.extensions.http.original_ip_detection.xff.v3.XffConfig } } ]", "Original IP detection extensions and use_remote_address may not be mixed")]
    [InlineData("xff_num_trusted_hops: 1, original_ip_detection_extensions: [ { name: x, typed_config: { '@type': type.googleapis.com/envoy.extensions.http.original_ip_detection.xff.v3.XffConfig } } ]", "Original IP detection extensions and xff_num_trusted_hops may not be mixed")]
    public void Wrong_rules_are_reported(string yaml, string fault)
    {
        var context = new Weft.Config.ConfigContext();
        RequestHeaderRules.Create(Rules.Read(yaml), Routes.Context(context));
        Assert.Equal([fault], context.Findings.Errors.Select(static error => error.Text));
    }

    [Fact]
    public void Applying_them_allocates_nothing()
    {
        var rules = new Rules(Edge + ", normalize_path: true, merge_slashes: true, via: weft, add_user_agent: true, append_x_forwarded_port: true", "50.0.0.1");
        var received = Rules.Bare("/a/../b//c?d", ("x-forwarded-for", "1.2.3.4"), ("connection", "keep-alive"), ("referer", "http://a.com/"));
        var request = new HeaderMap();
        Assert.Equal(0, Allocations.Of(() =>
        {
            request.CopyFrom(received);
            rules.Apply(request);
        }));
    }
}
