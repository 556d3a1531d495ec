using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Weft.Config.Support;
using Weft.Config.Types;

namespace Weft.Config.Tests.Checks;

public sealed class SupportTests
{
    private const string Missing = "name: x\ntyped_config:\n  '@type': type.googleapis.com/envoy.extensions.filters.http.kill_request.v3.KillRequest\n  kill_request_header: x\n";

    private const string Http3 = "stat_prefix: x\ncodec_type: http3\nroute_config: {}\n";

    [Theory]
    [InlineData("type.googleapis.com/envoy.config.trace.v3.LightstepConfig", "envoy.tracers.lightstep")]
    [InlineData("type.googleapis.com/envoy.config.trace.v3.DynamicOtConfig", "envoy.tracers.dynamic_ot")]
    [InlineData("type.googleapis.com/envoy.config.trace.v3.OpenCensusConfig", "envoy.tracers.opencensus")]
    public void What_Envoy_has_given_up_is_refused_with_its_replacement(string type, string name)
        => Assert.Contains(Reading.Lines<Envoy.Config.Trace.V3.Tracing.Types.Http>($"name: t\ntyped_config: {{ '@type': {type} }}"),
            line => line.Contains($"the extension {name} has been removed from Envoy; use envoy.tracers.opentelemetry", StringComparison.Ordinal));

    [Fact]
    public void A_field_that_changes_traffic_is_refused()
        => Assert.Contains("t.yaml:2:1  upstream_config  not implemented yet", Reading.Lines<Cluster>("name: a\nupstream_config: { name: b }\n"));

    [Fact]
    public void A_value_that_is_not_implemented_is_refused()
        => Assert.Equal(["t.yaml:2:1  codec_type  HTTP3 is not implemented yet; what is: AUTO, HTTP1, HTTP2"], Reading.Lines<HttpConnectionManager>(Http3));

    [Fact]
    public void An_extension_that_is_not_implemented_is_refused_by_name()
        => Assert.Equal(
            ["t.yaml:3:3  typed_config  the extension envoy.filters.http.kill_request is not implemented yet"],
            Reading.Lines<HttpFilter>(Missing));

    [Fact]
    public void An_extension_that_gives_only_its_name_is_refused_too()
        => Assert.Equal(["t.yaml:1:1  typed_config  the extension envoy.filters.http.alternate_protocols_cache is not implemented yet"], Reading.Lines<HttpFilter>("name: envoy.filters.http.alternate_protocols_cache"));

    [Fact]
    public void Allowed_it_is_a_warning()
    {
        var options = new ReadOptions { AllowUnimplemented = true };
        Assert.Empty(Reading.Lines<HttpConnectionManager>(Http3, options: options));
        Assert.Equal(["t.yaml:2:1  codec_type  HTTP3 is not implemented yet; what is: AUTO, HTTP1, HTTP2; it has no effect"],
            Reading.Lines<HttpConnectionManager>(Http3, Severity.Warning, options));
    }

    [Fact]
    public void What_is_harmless_is_noted_once()
        => Assert.Equal(["t.yaml:3:28  static_resources.clusters[0].metadata.typed_filter_metadata  accepted, without effect"], Reading.Lines("""
            static_resources:
              clusters:
              - { name: a, metadata: { typed_filter_metadata: { a: { '@type': type.googleapis.com/google.protobuf.Empty } } } }
              - { name: b, metadata: { typed_filter_metadata: { a: { '@type': type.googleapis.com/google.protobuf.Empty } } } }
            """, Severity.Note));

    [Fact]
    public void A_default_is_no_set_field() => Assert.Empty(Reading.Lines<Cluster>("{ name: a, connection_pool_per_downstream_connection: false, lb_policy: ROUND_ROBIN, filters: [] }"));

    [Fact]
    public void A_message_the_tables_do_not_name_is_refused_where_it_is_held()
        => Assert.Equal(["t.yaml:1:1  api_listener  not implemented yet"], Reading.Lines<Listener>("api_listener: {}"));

    [Fact]
    public void Every_message_and_field_of_the_tables_exists()
    {
        foreach (var message in SupportTable.Default.Messages)
        {
            var type = ApiTypes.Find(message.FullName);
            Assert.True(type is not null, message.FullName);
            var schema = MessageSchema.Of(type!);
            foreach (var field in message.Fields)
            {
                Assert.True(schema.FindField(field.Name)?.Name == field.Name, $"{message.FullName}.{field.Name}");
                if (field.Values.Length == 0 || type!.FindFieldByName(field.Name) is not { FieldType: Google.Protobuf.Reflection.FieldType.Enum } e) continue;
                Assert.All(field.Values, v => Assert.True(e.EnumType.FindValueByName(v) is not null, $"{message.FullName}.{field.Name}={v}"));
            }
        }
    }

    [Fact]
    public void Every_implemented_field_leads_to_a_message_the_tables_name()
    {
        foreach (var message in SupportTable.Default.Messages)
        {
            var schema = MessageSchema.Of(ApiTypes.Find(message.FullName)!);
            foreach (var field in message.Fields.Where(f => f.Status == SupportStatus.Implemented))
            {
                if (schema.FindField(field.Name)!.ValueMessage is not { Form: MessageForm.Fields } inner) continue;
                Assert.True(SupportTable.Default.Find(inner.Descriptor.FullName) is not null, $"{message.FullName}.{field.Name} needs {inner.Descriptor.FullName}");
            }
        }
    }

    [Fact]
    public void Every_implemented_extension_has_its_types_in_the_tables()
    {
        foreach (var extension in ExtensionTable.Default.All.Where(e => e.Status == SupportStatus.Implemented))
            Assert.All(extension.Types, t => Assert.True(SupportTable.Default.Find(t) is not null, t));
    }

    [Fact]
    public void Every_deprecated_field_with_a_replacement_exists_or_did_once()
    {
        foreach (var line in Resources.Lines("Support/replacements.txt").Where(l => l.Length > 0 && l[0] != '#'))
        {
            var field = line[..line.IndexOf(' ')];
            var message = field[..field.LastIndexOf('.')];
            Assert.True(ApiTypes.Knows(message), message);
            var known = MessageSchema.Of(ApiTypes.Find(message)!).FindField(field[(message.Length + 1)..]);
            Assert.True(known is null || known.IsDeprecated, $"{field} exists and is not deprecated");
        }
    }

    [Fact]
    public void A_deprecated_field_is_named_once_with_what_replaces_it()
        => Assert.Equal(
            ["t.yaml:2:14  headers[0].exact_match  exact_match is deprecated; use string_match.exact (and 1 more)"],
            Reading.Lines<Envoy.Config.Route.V3.RouteMatch>("prefix: /\nheaders: [ { exact_match: a, name: b },\n { exact_match: c, name: d } ]", Severity.Warning));
}
