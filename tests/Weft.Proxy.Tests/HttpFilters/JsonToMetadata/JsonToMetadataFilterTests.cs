using System.Text;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.JsonToMetadata;

public sealed class JsonToMetadataFilterTests
{
    private const string Version = "selectors: [{ key: model }, { key: version }], on_present: { metadata_namespace: ns, key: version }, on_missing: { metadata_namespace: ns, key: version, value: none }, on_error: { metadata_namespace: ns, key: version, value: error }";

    private readonly FactoryContext _context = Routes.Context(new ConfigContext());

    private FakeStream Make(string rule, string more = "") => new(Filters.One("json_to_metadata.v3.JsonToMetadata", $"request_rules: {{ rules: [{{ {rule} }}]{more} }}", _context));

    private static string Text(FakeStream stream, string key = "version")
    {
        var value = stream.Info.DynamicMetadata.Find("ns", [key]);
        return value.Kind switch
        {
            MetadataKind.Text => Encoding.UTF8.GetString(value.Text),
            MetadataKind.Number => $"number {value.Number}",
            MetadataKind.Bool => $"bool {value.Bool}",
            var other => other.ToString(),
        };
    }

    [Theory]
    [InlineData("""{"model":{"version":"1.0"}}""", "1.0", "success")]
    [InlineData("""{"model":{"version":2}}""", "number 2", "success")]
    [InlineData("""{"model":{"version":true}}""", "bool True", "success")]
    [InlineData("""{"model":{"version":[1]}}""", "none", "success")]
    [InlineData("""{"model":"x"}""", "none", "success")]
    [InlineData("""{}""", "none", "success")]
    [InlineData("[1, 2]", "none", "success")]
    [InlineData("""{"model":""", "error", "invalid_json_body")]
    [InlineData("no json", "error", "invalid_json_body")]
    [InlineData("", "none", "no_body")]
    public void A_value_of_the_body_becomes_metadata(string body, string value, string counter)
    {
        using var stream = Make(Version);
        Assert.Equal(FilterStatus.StopAndBuffer, stream.Request(Routes.Request("/", method: "POST", headers: ("content-type", "application/json")), endStream: false));
        Assert.Equal((FilterStatus.StopAndBuffer, body[..(body.Length / 2)]), stream.RequestData(body[..(body.Length / 2)]));
        Assert.Equal(FilterStatus.Continue, stream.RequestData(body[(body.Length / 2)..], endStream: true).Status);
        Assert.Equal((value, 1, 1), (Text(stream), stream.RouteClears, Count(counter)));
    }

    [Fact]
    public void A_request_without_body_has_no_value()
    {
        using var stream = Make(Version);
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/", headers: ("content-type", "application/json"))));
        Assert.Equal(("none", 1), (Text(stream), Count("no_body")));
    }

    [Theory]
    [InlineData("text/plain", "", "error")]
    [InlineData("", "", "error")]
    [InlineData("", ", allow_empty_content_type: true", "1")]
    [InlineData("text/json", ", allow_content_types: [text/json]", "1")]
    [InlineData("application/vnd.a+json", ", allow_content_types_regex: { regex: 'application/.*json' }", "1")]
    public void Only_bodies_of_some_types_are_read(string type, string more, string value)
    {
        using var stream = Make(Version, more);
        stream.Request(type.Length == 0 ? Routes.Request("/", method: "POST") : Routes.Request("/", method: "POST", headers: ("content-type", type)), endStream: false);
        stream.RequestData("""{"model":{"version":"1"}}""", endStream: true);
        Assert.Equal(value, Text(stream));
    }

    [Theory]
    [InlineData("STRING", "1.5", "1.500000")]
    [InlineData("STRING", "7", "7")]
    [InlineData("STRING", "false", "false")]
    [InlineData("NUMBER", "\" 12 \"", "number 12")]
    [InlineData("NUMBER", "true", "number 1")]
    [InlineData("NUMBER", "\"x\"", "None")]
    [InlineData("PROTOBUF_VALUE", "\"\"", "None")]
    public void A_value_can_be_converted(string type, string json, string value)
    {
        using var stream = Make($"selectors: [{{ key: version }}], on_present: {{ metadata_namespace: ns, key: version, type: {type} }}");
        stream.Request(Routes.Request("/", method: "POST", headers: ("content-type", "application/json")), endStream: false);
        stream.RequestData($"{{\"version\":{json}}}", endStream: true);
        Assert.Equal(value, Text(stream));
    }

    [Fact]
    public void What_is_there_already_can_be_kept()
    {
        using var stream = Make("selectors: [{ key: version }], on_present: { metadata_namespace: ns, key: version, preserve_existing_metadata_value: true }");
        stream.Info.DynamicMetadata.Set("ns", "version", "first"u8);
        stream.Request(Routes.Request("/", method: "POST", headers: ("content-type", "application/json")), endStream: false);
        stream.RequestData("""{"version":"second"}""", endStream: true);
        Assert.Equal(("first", 0), (Text(stream), stream.RouteClears));
    }

    [Fact]
    public void Responses_are_read_too()
    {
        using var stream = new FakeStream(Filters.One("json_to_metadata.v3.JsonToMetadata", $"response_rules: {{ rules: [{{ {Version} }}] }}", _context));
        stream.Request(Routes.Request("/"));
        var response = new HeaderMap();
        Routes.Add(response, "content-type", "application/json");
        stream.Response(response, endStream: false);
        stream.ResponseData("""{"model":{"version":"3"}}"""u8.ToArray(), endStream: true);
        Assert.Equal(("3", 1L), (Text(stream), _context.Stats.Scope("json_to_metadata.resp.").Counter("success").Value));
    }

    [Theory]
    [InlineData("request_rules: { rules: [{ selectors: [{ key: a }] }] }", "json to metadata filter: neither `on_present` nor `on_missing` set")]
    [InlineData("request_rules: { rules: [{ selectors: [{ key: a }], on_missing: { key: k } }] }", "json to metadata filter: cannot specify on_missing rule with empty value")]
    [InlineData("{}", "json_to_metadata_filter: Per filter configs must at least specify either request or response rules")]
    public void Rules_that_make_no_sense_are_reported(string config, string fault)
        => Assert.Contains(fault, Filters.FaultsOfOne("json_to_metadata.v3.JsonToMetadata", config == "{}" ? "" : config));

    private int Count(string name) => (int)_context.Stats.Scope("json_to_metadata.rq.").Counter(name).Value;
}
