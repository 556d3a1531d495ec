using System.Text;
using Google.Protobuf.Collections;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Routing.RateLimits;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.HttpFilters;

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
    [InlineData("remote_address_match: { descriptor_value: v, address_matcher: { ranges: [{ address_prefix: 10.0.0.0, prefix_len: 8 }] } }", "remote_address_match=v")]
    [InlineData("remote_address_match: { descriptor_key: k, descriptor_value: '%REQ(x-user)%-%REQ(x-none)%', address_matcher: { ranges: [{ address_prefix: 10.1.2.3, prefix_len: 32 }] } }", "k=ann-")]
    [InlineData("remote_address_match: { descriptor_value: v, address_matcher: { ranges: [{ address_prefix: 11.0.0.0, prefix_len: 8 }] } }", null)]
    [InlineData("remote_address_match: { descriptor_value: v, address_matcher: { ranges: [{ address_prefix: 11.0.0.0, prefix_len: 8 }], invert_match: true } }", "remote_address_match=v")]
    [InlineData("remote_address_match: { descriptor_value: v, address_matcher: { ranges: [{ address_prefix: 10.0.0.0, prefix_len: 8 }], invert_match: true } }", null)]
    [InlineData("remote_address_match: { descriptor_value: '%REQ(x-none)%', default_value: d, address_matcher: { invert_match: true } }", "remote_address_match=d")]
    [InlineData("remote_address_match: { descriptor_value: '%REQ(x-none)%', address_matcher: { invert_match: true } }", null)]
    [InlineData("destination_cluster: {}", "destination_cluster=web")]
    [InlineData("header_value_match: { descriptor_value: v, headers: [{ name: x-user, string_match: { exact: ann } }] }", "header_match=v")]
    [InlineData("header_value_match: { descriptor_value: v, expect_match: false, headers: [{ name: x-user, string_match: { exact: ann } }] }", null)]
    [InlineData("query_parameter_value_match: { descriptor_value: v, query_parameters: [{ name: q, string_match: { exact: '1' } }] }", "query_match=v")]
    [InlineData("query_parameters: { query_parameter_name: q, descriptor_key: page }", "page=1")]
    [InlineData("query_parameters: { query_parameter_name: forged, descriptor_key: page }", "page=a?b?c")]
    [InlineData("query_parameters: { query_parameter_name: none, descriptor_key: page }", null)]
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

    [Theory]
    [InlineData("number: 5", 5ul)]
    [InlineData("format: '%REQ(x-cost)%'", 7ul)]
    [InlineData("format: '%REQ(x-user)%'", null)]
    public void A_request_may_count_for_several(string hits, ulong? count)
    {
        var policy = RateLimitPolicy.OfFilter(Limits($"{Generic}, hits_addend: {{ {hits} }}"), Routes.Context(new ConfigContext()))!;
        var descriptor = new Envoy.Extensions.Common.Ratelimit.V3.RateLimitDescriptor();
        var context = new RateLimitContext(Routes.Request("/", headers: [("x-cost", "7"), ("x-user", "ann")]), new StreamInfo(), "web");
        Assert.Equal((count is not null, count), (policy.TryAddHits(0, context, descriptor), descriptor.HitsAddend));
    }

    [Theory]
    [InlineData("stage: 1", "'stage' field and 'disable_key' field are not supported")]
    [InlineData("disable_key: k", "'stage' field and 'disable_key' field are not supported")]
    [InlineData("limit: { dynamic_metadata: { metadata_key: { key: k, path: [{ key: p }] } } }", "'limit' field is not supported")]
    [InlineData("hits_addend: {}", "hits_addend must contain either a format or a number")]
    public void What_limits_of_a_filter_cannot_say_is_reported(string field, string fault)
    {
        var config = new ConfigContext();
        RateLimitPolicy.OfFilter(Limits($"{Generic}, {field}"), Routes.Context(config));
        Assert.Equal([fault], config.Findings.Errors.Select(static error => error.Text));
    }

    private const string Generic = "actions: [{ generic_key: { descriptor_value: v } }]";

    private static RepeatedField<Envoy.Config.Route.V3.RateLimit> Limits(string limit) => Filters.Read<Envoy.Config.Route.V3.RouteAction>($"cluster: c, rate_limits: [{{ {limit} }}]").RateLimits;

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
