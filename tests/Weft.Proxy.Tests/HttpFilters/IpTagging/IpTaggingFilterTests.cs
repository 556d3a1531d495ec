using Weft.Net;
using Weft.Proxy.HttpFilters.IpTagging;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.IpTagging;

public sealed class IpTaggingFilterTests
{
    private const string Tags = "ip_tags: [{ ip_tag_name: a, ip_list: [{ address_prefix: 10.0.0.0, prefix_len: 8 }] }, { ip_tag_name: b, ip_list: [{ address_prefix: 10.1.0.0, prefix_len: 16 }, { address_prefix: '2001:db8::', prefix_len: 32 }] }]";

    [Theory]
    [InlineData("10.2.0.1", "a")]
    [InlineData("10.1.255.1", "a,b")]
    [InlineData("2001:db8:1::1", "b")]
    [InlineData("11.0.0.1", "")]
    public void A_request_gets_the_tags_of_its_address(string address, string tags)
    {
        var factory = (IpTaggingFilterFactory)Filters.One("ip_tagging.v3.IPTagging", Tags);
        using var stream = new FakeStream(factory);
        Assert.True(NetAddress.TryParseIP(address, 1, out var parsed));
        stream.Info.DownstreamRemoteAddress = parsed;
        var request = Routes.Request("/");
        stream.Request(request);
        Assert.Equal(tags, request.Get("x-envoy-ip-tags"));
        Assert.Equal((tags.Length > 0 ? 1 : 0, tags.Length > 0 ? 0 : 1), (stream.RouteClears, factory.NoHit.Value));
    }

    [Theory]
    [InlineData("header: x-net, action: SANITIZE", "10.2.0.1", "a")]
    [InlineData("header: x-net, action: SANITIZE", "11.0.0.1", "")]
    [InlineData("header: x-net, action: APPEND_IF_EXISTS_OR_ADD", "10.2.0.1", "forged,a")]
    [InlineData("header: x-net, action: APPEND_IF_EXISTS_OR_ADD", "11.0.0.1", "forged")]
    public void Tags_can_go_to_a_header_of_choice(string header, string address, string tags)
    {
        using var stream = new FakeStream(Filters.One("ip_tagging.v3.IPTagging", $"{Tags}, ip_tag_header: {{ {header} }}"));
        Assert.True(NetAddress.TryParseIP(address, 1, out var parsed));
        stream.Info.DownstreamRemoteAddress = parsed;
        var request = Routes.Request("/", headers: ("x-net", "forged"));
        stream.Request(request);
        Assert.Equal((tags, ""), (request.Get("x-net"), request.Get("x-envoy-ip-tags")));
    }

    [Theory]
    [InlineData("INTERNAL", "a")]
    [InlineData("EXTERNAL", "")]
    public void Only_requests_of_the_configured_kind_are_tagged(string kind, string tags)
    {
        using var stream = new FakeStream(Filters.One("ip_tagging.v3.IPTagging", $"{Tags}, request_type: {kind}"));
        Assert.True(NetAddress.TryParseIP("10.2.0.1", 1, out var address));
        stream.Info.DownstreamRemoteAddress = address;
        var request = Routes.Request("/", headers: ("x-envoy-internal", "true"));
        stream.Request(request);
        Assert.Equal(tags, request.Get("x-envoy-ip-tags"));
    }

    [Fact]
    public void A_range_that_is_none_is_refused()
        => Assert.Contains(
            "invalid ip/mask combo '10.0.0.0/64' (format is <ip>/<# mask bits>)",
            Filters.FaultsOfOne("ip_tagging.v3.IPTagging", "ip_tags: [{ ip_tag_name: a, ip_list: [{ address_prefix: 10.0.0.0, prefix_len: 64 }] }]"));
}
