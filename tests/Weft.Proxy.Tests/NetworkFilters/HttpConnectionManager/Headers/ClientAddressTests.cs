using Weft.Config;
using Weft.Http;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers.AddressDetection;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.NetworkFilters.HttpConnectionManager.Headers;

public class ClientAddressTests
{
    private const string Edge = "use_remote_address: true";

    // The numbered examples of Envoy's page on x-forwarded-for.
    [Theory]
    [InlineData(Edge, "192.0.2.5", "203.0.113.128, 203.0.113.10, 203.0.113.1", "192.0.2.5", "203.0.113.128, 203.0.113.10, 203.0.113.1,192.0.2.5", "192.0.2.5")]
    [InlineData("use_remote_address: false", "10.11.12.13", "203.0.113.128, 203.0.113.10, 203.0.113.1, 192.0.2.5", "192.0.2.5", "203.0.113.128, 203.0.113.10, 203.0.113.1, 192.0.2.5", null)]
    [InlineData(Edge + ", xff_num_trusted_hops: 2", "192.0.2.5", "203.0.113.128, 203.0.113.10, 203.0.113.1", "203.0.113.10", "203.0.113.128, 203.0.113.10, 203.0.113.1,192.0.2.5", "203.0.113.10")]
    [InlineData("xff_num_trusted_hops: 2", "10.11.12.13", "203.0.113.128, 203.0.113.10, 203.0.113.1, 192.0.2.5", "203.0.113.10", "203.0.113.128, 203.0.113.10, 203.0.113.1, 192.0.2.5", null)]
    [InlineData("via: ''", "10.20.30.40", null, "10.20.30.40", null, null)]
    [InlineData("via: ''", "10.20.30.50", "10.20.30.40", "10.20.30.40", "10.20.30.40", null)]
    // Too few hops, or none that are addresses: the peer itself.
    [InlineData(Edge + ", xff_num_trusted_hops: 2", "192.0.2.5", "203.0.113.1", "192.0.2.5", "203.0.113.1,192.0.2.5", "192.0.2.5")]
    [InlineData("xff_num_trusted_hops: 1", "192.0.2.5", "203.0.113.1", "192.0.2.5", "203.0.113.1", null)]
    [InlineData("via: ''", "192.0.2.5", "garbage", "192.0.2.5", "garbage", null)]
    [InlineData("via: ''", "192.0.2.5", "1.2.3.4:80", "192.0.2.5", "1.2.3.4:80", null)]
    [InlineData("via: ''", "192.0.2.5", "0x7f.0.0.1", "192.0.2.5", "0x7f.0.0.1", null)]
    [InlineData("via: ''", "192.0.2.5", "010.0.0.1", "192.0.2.5", "010.0.0.1", null)]
    [InlineData("via: ''", "192.0.2.5", "1.2.3.4,", "192.0.2.5", "1.2.3.4,", null)]
    [InlineData("via: ''", "192.0.2.5", "x, 2001:db8::7 ", "2001:db8::7", "x, 2001:db8::7", null)]
    [InlineData(Edge, "2001:db8::1", null, "2001:db8::1", "2001:db8::1", "2001:db8::1")]
    [InlineData(Edge + ", skip_xff_append: true", "192.0.2.5", "203.0.113.1", "192.0.2.5", "203.0.113.1", "192.0.2.5")]
    public void The_trusted_client_address(string config, string peer, string? forwardedFor, string client, string? after, string? external)
    {
        var rules = new Rules(config, peer);
        var headers = forwardedFor is null ? rules.Apply() : rules.Apply(("x-forwarded-for", forwardedFor));
        Assert.Equal(client, Text(rules));
        Assert.Equal(after?.Trim(), headers.Has(KnownHeader.XForwardedFor) ? headers.Get("x-forwarded-for").Trim() : null);
        Assert.Equal(external, headers.Has(KnownHeader.XEnvoyExternalAddress) ? headers.Get("x-envoy-external-address") : null);
    }

    [Theory]
    [InlineData(Edge, "10.0.0.3", null, true)]
    [InlineData(Edge, "192.168.1.1", null, true)]
    [InlineData(Edge, "172.16.0.1", null, true)]
    [InlineData(Edge, "fd00::1", null, true)]
    [InlineData(Edge, "50.0.0.1", null, false)]
    [InlineData(Edge, "10.0.0.3", "10.0.0.4", false)]
    [InlineData("via: ''", "10.0.0.3", null, false)]
    [InlineData("via: ''", "50.0.0.1", "10.0.0.4", true)]
    [InlineData("via: ''", "10.0.0.3", "50.0.0.1", false)]
    [InlineData("via: ''", "10.0.0.3", "10.0.0.4, 10.0.0.5", false)]
    [InlineData("xff_num_trusted_hops: 1", "10.0.0.3", "10.0.0.4, 10.0.0.5", false)]
    [InlineData(Edge + ", internal_address_config: { cidr_ranges: [{ address_prefix: 50.0.0.0, prefix_len: 8 }] }", "50.1.2.3", null, true)]
    [InlineData(Edge + ", internal_address_config: { cidr_ranges: [{ address_prefix: 50.0.0.0, prefix_len: 8 }] }", "10.0.0.3", null, false)]
    [InlineData(Edge + ", internal_address_config: { cidr_ranges: [{ address_prefix: '2001:db8::', prefix_len: 33 }] }", "2001:db8:7fff::1", null, true)]
    [InlineData(Edge + ", internal_address_config: { cidr_ranges: [{ address_prefix: '2001:db8::', prefix_len: 33 }] }", "2001:db8:8000::1", null, false)]
    [InlineData(Edge + ", internal_address_config: { cidr_ranges: [{ address_prefix: 0.0.0.0, prefix_len: 0 }] }", "8.8.8.8", null, true)]
    [InlineData(Edge + ", internal_address_config: { unix_sockets: true }", "/socket", null, true)]
    [InlineData(Edge, "/socket", null, false)]
    public void Internal_is_a_single_private_address(string config, string peer, string? forwardedFor, bool isInternal)
    {
        var rules = new Rules(config, peer);
        var headers = forwardedFor is null
            ? rules.Apply(("x-envoy-internal", "true"))
            : rules.Apply(("x-envoy-internal", "true"), ("x-forwarded-for", forwardedFor));
        Assert.Equal(isInternal ? "true" : "", headers.Get("x-envoy-internal"));
    }

    [Theory]
    [InlineData("", "203.0.113.9", "1.2.3.4", "203.0.113.9", "")]
    [InlineData(", allow_extension_to_set_address_as_trusted: true", "10.0.0.4", null, "10.0.0.4", "true")]
    [InlineData(", allow_extension_to_set_address_as_trusted: true", "203.0.113.9", null, "203.0.113.9", "")]
    [InlineData("", "10.0.0.4", null, "10.0.0.4", "")]
    [InlineData("", "nobody", "1.2.3.4, 5.6.7.8", "1.2.3.4", "")]
    [InlineData("", null, null, "192.0.2.5", "")]
    public void A_header_of_the_network_in_front_tells_who_the_client_is(string more, string? told, string? forwardedFor, string client, string isInternal)
    {
        var rules = new Rules($"original_ip_detection_extensions: [ {Custom(more)}, {{ name: xff, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.http.original_ip_detection.xff.v3.XffConfig, xff_num_trusted_hops: {(forwardedFor?.Contains(',') == true ? 1 : 0)} }} }} ]", "192.0.2.5");
        (string, string)[] sent = [.. told is null ? [] : new[] { ("x-client", told), ("x-client", "8.8.8.8") }, .. forwardedFor is null ? [] : new[] { ("x-forwarded-for", forwardedFor) }];
        var headers = rules.Apply(sent);
        Assert.Equal((client, isInternal, forwardedFor ?? ""), (Text(rules), headers.Get("x-envoy-internal"), headers.Get("x-forwarded-for")));
    }

    // The examples of Envoy's page on x-forwarded-for with trusted networks, and their edges.
    [Theory]
    [InlineData("192.0.2.5", "203.0.113.128, 203.0.113.10, 192.0.2.1", "203.0.113.10", "203.0.113.128, 203.0.113.10, 192.0.2.1")]
    [InlineData("192.0.2.5", "192.0.2.2, 192.0.2.1", "192.0.2.2", "192.0.2.2, 192.0.2.1")]
    [InlineData("192.0.2.5", "203.0.113.1, nobody, 192.0.2.1", "192.0.2.5", "203.0.113.1, nobody, 192.0.2.1")]
    [InlineData("198.51.100.7", "203.0.113.10", "198.51.100.7", "203.0.113.10,198.51.100.7")]
    [InlineData("192.0.2.5", "1.1.1.1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1.1.1.1", "192.0.2.5", "1.1.1.1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1.1.1.1")]
    [InlineData("192.0.2.5", null, "192.0.2.5", "")]
    public void Behind_trusted_networks_the_last_address_outside_them_is_the_clients(string peer, string? forwardedFor, string client, string after)
    {
        var rules = new Rules($"original_ip_detection_extensions: [ {Forwarded("xff_trusted_cidrs: { cidrs: [{ address_prefix: 192.0.2.0, prefix_len: 24 }] }")} ]", peer);
        var headers = forwardedFor is null ? rules.Apply() : rules.Apply(("x-forwarded-for", forwardedFor));
        Assert.Equal((client, after), (Text(rules), headers.Get("x-forwarded-for")));
    }

    [Theory]
    [InlineData("skip_xff_append: false", "1.2.3.4,192.0.2.5")]
    [InlineData("skip_xff_append: false, xff_trusted_cidrs: { cidrs: [{ address_prefix: 192.0.2.0, prefix_len: 24 }] }", "1.2.3.4,192.0.2.5")]
    [InlineData("skip_xff_append: true", "1.2.3.4")]
    public void Whoever_detects_may_append_the_peer(string config, string after)
    {
        var rules = new Rules($"original_ip_detection_extensions: [ {Forwarded(config)} ]", "192.0.2.5");
        Assert.Equal(after, rules.Apply(("x-forwarded-for", "1.2.3.4")).Get("x-forwarded-for"));
        Assert.Equal("1.2.3.4", Text(rules));
    }

    [Fact]
    public void Trusted_networks_and_trusted_hops_do_not_go_together()
    {
        var context = new ConfigContext();
        AddressDetectors.Create(Rules.Read($"original_ip_detection_extensions: [ {Forwarded("xff_num_trusted_hops: 1, xff_trusted_cidrs: { cidrs: [{ address_prefix: 10.0.0.0, prefix_len: 8 }] }")} ]"), context);
        Assert.Equal("Cannot set both xff_num_trusted_hops and xff_trusted_cidrs", Assert.Single(context.Findings.Errors).Text);
    }

    [Theory]
    [InlineData("code: Unauthorized", 401)]
    [InlineData("code: OK", 403)]
    public void A_request_whose_client_must_be_known_and_is_not_is_refused(string status, int expected)
    {
        var rules = new Rules($"original_ip_detection_extensions: [ {Custom($", reject_with_status: {{ {status} }}")} ]");
        Assert.True(rules.Apply(Rules.Bare("/", ("x-client", "1.2.3.4"))).IsContinue);
        var verdict = rules.Apply(Rules.Bare("/"));
        Assert.Equal((expected, "rejecting_because_detection_failed"), (verdict.Status, verdict.Details));
    }

    [Fact]
    public void Several_headers_are_one_list()
    {
        var rules = new Rules("via: ''", "50.0.0.1");
        var headers = rules.Apply(("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "10.0.0.1"));
        Assert.Equal(["1.2.3.4,10.0.0.1"], headers.All("x-forwarded-for"));
        Assert.Equal("10.0.0.1", Text(rules));
        Assert.False(headers.Has(KnownHeader.XEnvoyInternal));
    }

    [Fact]
    public void A_loopback_peer_is_named_by_an_address_that_others_know()
        => Assert.Equal("10.1.1.1", new Rules(Edge, "127.0.0.2").Apply().Get("x-forwarded-for"));

    [Fact]
    public void A_local_socket_has_nothing_to_append() => Assert.False(new Rules(Edge, "/socket").Apply().Has(KnownHeader.XForwardedFor));

    private static string Forwarded(string config) =>
        $"{{ name: xff, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.http.original_ip_detection.xff.v3.XffConfig, {config} }} }}";

    private static string Custom(string more) =>
        $"{{ name: custom, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig, header_name: X-Client{more} }} }}";

    private static string Text(Rules rules)
    {
        Span<byte> text = stackalloc byte[Weft.Net.NetAddress.MaxTextBytes];
        return System.Text.Encoding.ASCII.GetString(text[..rules.Info.DownstreamRemoteAddress.Format(text, withPort: false)]);
    }
}
