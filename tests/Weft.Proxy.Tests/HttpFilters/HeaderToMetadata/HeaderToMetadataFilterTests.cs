using System.Text;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.HeaderToMetadata;

public sealed class HeaderToMetadataFilterTests
{
    [Theory]
    [InlineData("header: x-v, on_header_present: { metadata_namespace: ns, key: k }", "x-v", "abc", "abc")]
    [InlineData("header: x-v, on_header_present: { metadata_namespace: ns, key: k, value: fixed }", "x-v", "abc", "fixed")]
    [InlineData("header: x-v, on_header_missing: { metadata_namespace: ns, key: k, value: none }", "x-other", "abc", "none")]
    [InlineData("header: x-v, on_header_missing: { metadata_namespace: ns, key: k, value: none }", "x-v", "abc", "")]
    [InlineData("header: x-v, on_header_present: { metadata_namespace: ns, key: k, encode: BASE64 }", "x-v", "aGVsbG8", "hello")]
    [InlineData("header: x-v, on_header_present: { metadata_namespace: ns, key: k, encode: BASE64 }", "x-v", "!!", "")]
    [InlineData("header: x-v, on_header_present: { metadata_namespace: ns, key: k, regex_value_rewrite: { pattern: { regex: '^v(\\d+)\\..*$' }, substitution: '\\1' } }", "x-v", "v12.3", "12")]
    [InlineData("cookie: session, on_header_present: { metadata_namespace: ns, key: k }", "cookie", "a=1; session=xyz", "xyz")]
    public void A_header_becomes_a_value(string rule, string header, string value, string expected)
    {
        using var stream = Make(rule);
        stream.Request(Routes.Request("/", headers: (header, value)));
        Assert.Equal(expected, Encoding.UTF8.GetString(stream.Info.DynamicMetadata.Find("ns", ["k"]).Text));
    }

    [Theory]
    [InlineData("1.5", MetadataKind.Number)]
    [InlineData("x", MetadataKind.None)]
    public void A_number_must_be_one(string value, MetadataKind kind)
    {
        using var stream = Make("header: x-v, on_header_present: { metadata_namespace: ns, key: k, type: NUMBER }");
        stream.Request(Routes.Request("/", headers: ("x-v", value)));
        Assert.Equal(kind, stream.Info.DynamicMetadata.Find("ns", ["k"]).Kind);
    }

    [Fact]
    public void A_header_can_be_taken_away()
    {
        using var stream = Make("header: x-v, remove: true, on_header_present: { key: k }");
        var request = Routes.Request("/", headers: ("x-v", "abc"));
        stream.Request(request);
        Assert.False(request.Has(new HeaderName("x-v")));
        Assert.Equal("abc"u8, stream.Info.DynamicMetadata.Find("envoy.filters.http.header_to_metadata", ["k"]).Text);
    }

    [Theory]
    [InlineData("header: a, cookie: b, on_header_present: { key: k }", "Cannot specify both header and cookie in the same rule")]
    [InlineData("on_header_present: { key: k }", "One of Cookie or Header option needs to be specified")]
    [InlineData("header: a", "header to metadata filter: rule for header 'a' has neither `on_header_present` nor `on_header_missing` set")]
    [InlineData("cookie: a, remove: true, on_header_present: { key: k }", "Cannot specify remove for cookie")]
    [InlineData("header: a, on_header_missing: { key: k }", "Cannot specify on_header_missing rule with an empty value")]
    public void Rules_that_make_no_sense_are_refused(string rule, string text)
        => Assert.Contains(text, Filters.FaultsOfOne("header_to_metadata.v3.Config", $"request_rules: [{{ {rule} }}]"));

    [Theory]
    [InlineData("header: x-v, on_header_present: { key: k }", "abc", "metadata_added")]
    [InlineData("header: x-none, on_header_missing: { key: k, value: none }", "abc", "header_not_found metadata_added")]
    [InlineData("header: x-none, on_header_present: { key: k }", "abc", "")]
    [InlineData("header: x-v, on_header_present: { key: k, type: NUMBER }", "abc", "")]
    [InlineData("header: x-v, on_header_present: { key: k, encode: BASE64 }", "!!", "base64_decode_failed")]
    [InlineData("header: x-v, on_header_present: { key: k, regex_value_rewrite: { pattern: { regex: '.*' }, substitution: '' } }", "abc", "regex_substitution_failed")]
    [InlineData("header: x-v, on_header_present: { key: k }", "8192 bytes", "header_value_too_long")]
    public void What_rules_do_is_counted_under_their_prefix(string rule, string value, string counted)
    {
        var context = Routes.Context(new ConfigContext());
        using var stream = new FakeStream(Filters.One("header_to_metadata.v3.Config", $"stat_prefix: mine, request_rules: [{{ {rule} }}]", context));
        stream.Request(Routes.Request("/", headers: ("x-v", value == "8192 bytes" ? new string('x', 8192) : value)));
        var scope = context.Stats.Scope("http_filter_name.mine.");
        Assert.Equal(1, scope.Counter("request_rules_processed").Value);
        foreach (var name in (string[])["metadata_added", "header_not_found", "base64_decode_failed", "regex_substitution_failed", "header_value_too_long"])
            Assert.Equal(counted.Split(' ').Contains(name) ? 1 : 0, scope.Counter(name is "metadata_added" or "header_not_found" ? "request_" + name : name).Value);
        Assert.Equal(0, scope.Counter("response_rules_processed").Value);
    }

    private static FakeStream Make(string rule) => new(Filters.One("header_to_metadata.v3.Config", $"request_rules: [{{ {rule} }}]"));
}
