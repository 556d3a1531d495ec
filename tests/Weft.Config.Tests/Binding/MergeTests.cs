using Envoy.Config.Bootstrap.V3;
using Google.Protobuf;

namespace Weft.Config.Tests.Binding;

/// <summary>Text on the command line is merged over the file exactly as protobuf merges messages.</summary>
public sealed class MergeTests
{
    private static (Bootstrap Bootstrap, ConfigContext Context) Merge(string file, string inline)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, file);
            var context = new ConfigContext();
            return (ConfigReader.Read<Bootstrap>(path, inline, new ReadOptions(), context), context);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static TheoryData<string, string> Pairs => new()
    {
        { "node: { id: a, cluster: c }", "node: { id: b }" },
        { "node: { id: a }", "node: { id: '' }" },
        { "admin: { address: { socket_address: { address: 1.2.3.4, port_value: 1 } } }", "admin: { address: { socket_address: { address: 1.2.3.4, port_value: 0, ipv4_compat: false } } }" },
        { "admin: { address: { socket_address: { address: a, port_value: 1 } } }", "admin: { address: { pipe: { path: /x } } }" },
        { "stats_flush_interval: 5.5s", "stats_flush_interval: 7s" },
        { "stats_server_version_override: 5", "stats_server_version_override: 0" },
        { "stats_server_version_override: 5", "stats_server_version_override: 6" },
        { "node: {}", "stats_server_version_override: 0" },
        { "node: { metadata: { a: 1, b: { c: 1 } } }", "node: { metadata: { b: { d: 2 }, e: [1] } }" },
        { "static_resources: { clusters: [ { name: a, connect_timeout: 1s } ] }", "static_resources: { clusters: [ { name: b, connect_timeout: 1s } ] }" },
        { "layered_runtime: { layers: [ { name: a, admin_layer: {} } ] }", "layered_runtime: { layers: { name: b, static_layer: { x: 1 } } }" },
        { "node: { locality: { region: r } }", "node: { locality: ~ }" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Merging_texts_is_merging_messages(string file, string inline)
    {
        var expected = Reading.Good(file);
        expected.MergeFrom(Reading.Good(inline).ToByteArray());
        var (merged, context) = Merge(file, inline);
        Assert.Empty(context.Findings.Errors);
        Assert.Equal(expected, merged);
    }

    [Fact]
    public void Findings_name_the_text_they_stand_in()
    {
        var (_, context) = Merge("node: { id: a }\n", "node: { idd: b }");
        Assert.Equal("--config-yaml:1:9  node.idd  unknown field; did you mean id?", Assert.Single(context.Findings.Errors).ToString());
    }

    [Fact]
    public void A_field_set_twice_stands_where_it_was_set_last()
    {
        var (bootstrap, context) = Merge("node: { id: a }\n", "node: { id: b }");
        Assert.Equal(new SourcePosition("--config-yaml", 1, 9), context.Origins.PositionOf(bootstrap.Node, "id"));
    }

    [Fact]
    public void Elements_of_the_second_text_count_on()
    {
        var (_, context) = Merge("static_resources: { clusters: [ { name: a, connect_timeout: 1s } ] }", "static_resources: { clusters: [ { name: b, connect_timeot: 1s } ] }");
        Assert.Equal("--config-yaml:1:44  static_resources.clusters[1].connect_timeot  unknown field; did you mean connect_timeout?", Assert.Single(context.Findings.Errors).ToString());
    }

    [Fact]
    public void Text_alone_is_a_configuration()
    {
        var context = new ConfigContext();
        Assert.Equal("n", ConfigReader.Read<Bootstrap>(null, "node: { id: 'n' }", new ReadOptions(), context).Node.Id);
        Assert.Empty(context.Findings.All);
    }

    [Fact]
    public void A_binary_file_is_read_too()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".pb");
        File.WriteAllBytes(path, Reading.Good("node: { id: a, cluster: c }").ToByteArray());
        var context = new ConfigContext();
        var bootstrap = ConfigReader.Read<Bootstrap>(path, "node: { id: b }", new ReadOptions(), context);
        File.Delete(path);
        Assert.Equal(("b", "c"), (bootstrap.Node.Id, bootstrap.Node.Cluster));
    }
}
