using System.Text;
using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Routing.RateLimits;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.Routing.RateLimits;

public sealed class RateLimitPolicyTests
{
    [Theory]
    [InlineData("generic_key: { descriptor_value: v }", "generic_key=v")]
    [InlineData("generic_key: { descriptor_key: k, descriptor_value: v }", "k=v")]
    [InlineData("request_headers: { header_name: x-user, descriptor_key: user }", "user=ann")]
    [InlineData("request_headers: { header_name: x-none, descriptor_key: user }", null)]
    [InlineData("remote_address: {}", "remote_address=10.1.2.3")]
    [InlineData("masked_remote_address: { v4_prefix_mask_len: 20 }", "masked_remote_address=10.1.0.0/20")]
    [InlineData("destination_cluster: {}", "destination_cluster=web")]
    [InlineData("header_value_match: { descriptor_value: v, headers: [{ name: x-user, string_match: { exact: ann } }] }", "header_match=v")]
    [InlineData("header_value_match: { descriptor_value: v, expect_match: false, headers: [{ name: x-user, string_match: { exact: ann } }] }", null)]
    [InlineData("query_parameter_value_match: { descriptor_value: v, query_parameters: [{ name: q, string_match: { exact: '1' } }] }", "query_match=v")]
    [InlineData("metadata: { descriptor_key: m, metadata_key: { key: ns, path: [{ key: k }] } }", "m=text")]
    [InlineData("metadata: { descriptor_key: m, metadata_key: { key: ns, path: [{ key: none }] }, default_value: d }", "m=d")]
    [InlineData("metadata: { descriptor_key: m, metadata_key: { key: ns, path: [{ key: none }] } }", null)]
    [InlineData("metadata: { descriptor_key: m, source: ROUTE_ENTRY, metadata_key: { key: ns, path: [{ key: deep }, { key: r }] } }", "m=of route")]
    [InlineData("metadata: { descriptor_key: m, source: ROUTE_ENTRY, metadata_key: { key: ns, path: [{ key: none }] } }", null)]
    [InlineData("dynamic_metadata: { descriptor_key: m, metadata_key: { key: ns, path: [{ key: k }] } }", "m=text")]
    [InlineData("extension: { name: who, typed_config: { '@type': type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput, header_name: x-user } }", "who=ann")]
    [InlineData("extension: { name: who, typed_config: { '@type': type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput, header_name: x-none } }", null)]
    [InlineData("extension: { name: q, typed_config: { '@type': type.googleapis.com/envoy.type.matcher.v3.HttpRequestQueryParamMatchInput, query_param: forged } }", "q=a?b?c")]
    public void Each_action_adds_its_entry_or_forbids_the_descriptor(string action, string? descriptor)
        => Assert.Equal(descriptor, Descriptor($"[{{ {action} }}]"));

    [Fact]
    public void Entries_stand_in_order_and_one_may_be_left_out()
        => Assert.Equal(
            "generic_key=a;user=ann",
            Descriptor("[{ generic_key: { descriptor_value: a } }, { request_headers: { header_name: x-none, descriptor_key: none, skip_if_absent: true } }, { request_headers: { header_name: x-user, descriptor_key: user } }]"));

    private static string? Descriptor(string actions)
    {
        var route = Routes.OfRoutes($"- {{ match: {{ prefix: / }}, metadata: {{ filter_metadata: {{ ns: {{ deep: {{ r: of route }} }} }} }}, route: {{ cluster: web, rate_limits: [{{ actions: {actions} }}] }} }}").Match(Routes.Request("/"))!;
        var info = new StreamInfo { DownstreamRemoteAddress = Address("10.1.2.3"), Route = route };
        info.DynamicMetadata.Set("ns", "k", "text"u8);
        var output = new ByteWriter();
        var context = new RateLimitContext(Routes.Request("/?q=1&forged=a%00b%01c", headers: ("x-user", "ann")), info, "web");
        return route.Forward!.RateLimits.TryWrite(0, 0, context, output) ? Encoding.UTF8.GetString(output.Written).Replace('\x1', '=').Replace('\0', ';').TrimEnd(';') : null;
    }

    private static NetAddress Address(string text)
    {
        Assert.True(NetAddress.TryParseIP(text, 1234, out var address));
        return address;
    }
}
