namespace Weft.Tests.Commands;

public sealed class ConfigDiffTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-diff-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_resource_that_changes_is_named_with_its_fields_and_its_cost()
    {
        var (code, output) = Diff(
            "static_resources: { clusters: [{ name: a, connect_timeout: 1s }, { name: gone }, { name: same }] }",
            "static_resources: { clusters: [{ name: a, connect_timeout: 2s }, { name: same }, { name: new }] }");
        Assert.Equal(2, code);
        Assert.Equal(
            [
                "~ cluster a: connect_timeout changed; in place, only connections to endpoints that are gone end, busy ones after their request",
                "- cluster gone: removed; idle connections close, busy ones after their request; routes to it answer 503",
                "+ cluster new: added; used once its endpoints are known",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Nothing_is_said_to_change_when_nothing_does() =>
        Assert.Equal((0, "nothing changes\n"), Diff("admin: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } }", "# the same\nadmin: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } }"));

    [Fact]
    public void Endpoints_of_a_static_cluster_change_in_place() => Assert.Equal(
        (2, "~ cluster a: load_assignment changed; in place, only connections to endpoints that are gone end, busy ones after their request\n"),
        Diff("static_resources: { clusters: [{ name: a }] }", "static_resources: { clusters: [{ name: a, load_assignment: { cluster_name: a } }] }"));

    [Fact]
    public void A_cluster_that_is_spoken_to_in_another_way_is_another_one() => Assert.Equal(
        (2, "~ cluster a: upstream_bind_config changed; the new one warms first; then idle connections of the old one close, busy ones after their request\n"),
        Diff("static_resources: { clusters: [{ name: a }] }", "static_resources: { clusters: [{ name: a, upstream_bind_config: { source_address: { address: 127.0.0.1, port_value: 0 } } }] }"));

    [Fact]
    public void Files_of_resources_are_compared_too()
    {
        const string File = "resources:\n- { '@type': type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment, cluster_name: web, endpoints: [{ priority: PRIORITY }] }";
        var (_, output) = Diff(File.Replace("PRIORITY", "0", StringComparison.Ordinal), File.Replace("PRIORITY", "1", StringComparison.Ordinal));
        Assert.Equal("~ ClusterLoadAssignment web: endpoints changed; in place, only connections to endpoints that are gone end, busy ones after their request\n", output);
    }

    [Theory]
    [InlineData("name: b, transport_socket_connect_timeout: 2s", "", "filter_chains changed; in place, only connections of these filter chains drain: b")]
    [InlineData("name: b }, { name: c", "", "filter_chains changed; in place, no connection ends")]
    [InlineData("name: b", "stat_prefix: s, ", "stat_prefix changed; its port stays open, connections of the old one drain")]
    [InlineData("name: b", "address: { socket_address: { address: 127.0.0.1, port_value: 1 } }, ", "address changed; it listens elsewhere once it is ready; then the old port closes, its connections drain")]
    public void Of_a_listener_it_is_said_which_filter_chains_drain(string chain, string field, string expected)
    {
        const string File = "static_resources: { listeners: [{ name: web, FIELDfilter_chains: [{ name: a }, { CHAIN }] }] }";
        var (_, output) = Diff(
            File.Replace("CHAIN", "name: b", StringComparison.Ordinal).Replace("FIELD", "", StringComparison.Ordinal),
            File.Replace("CHAIN", chain, StringComparison.Ordinal).Replace("FIELD", field, StringComparison.Ordinal));
        Assert.Equal($"~ listener web: {expected}\n", output);
    }

    [Fact]
    public void Of_the_rest_of_a_bootstrap_it_is_said_what_needs_a_restart()
    {
        const string File = "node: { id: NODE }\nlayered_runtime: { layers: [{ name: l, static_layer: { a: VALUE } }] }\nstatic_resources: { secrets: [{ name: s, generic_secret: { secret: { inline_string: vVALUE } } }],"
            + " listeners: [{ address: { socket_address: { address: 127.0.0.1, port_value: 1 } } }, { address: { socket_address: { address: 127.0.0.1, port_value: 2 } }, stat_prefix: pVALUE }] }";
        var (code, output) = Diff(
            File.Replace("NODE", "one", StringComparison.Ordinal).Replace("VALUE", "1", StringComparison.Ordinal),
            File.Replace("NODE", "two", StringComparison.Ordinal).Replace("VALUE", "2", StringComparison.Ordinal));
        Assert.Equal(2, code);
        Assert.Equal(
            [
                "~ listener 127.0.0.1:2: stat_prefix changed; its port stays open, connections of the old one drain",
                "~ runtime layer l: static_layer changed; taken over in place, no connection ends",
                "~ secret s: generic_secret changed; taken over in place, no connection ends",
                "~ node changed; only a restart takes it over",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Files_of_a_management_server_are_compared_too()
    {
        const string File = "name: mine\nspec:\n  clusters:\n  - name: web\n    endpoints: [{ address: 127.0.0.1, port: PORT }]\n";
        var (_, output) = Diff(File.Replace("PORT", "1", StringComparison.Ordinal), File.Replace("PORT", "2", StringComparison.Ordinal));
        Assert.Equal("~ ClusterLoadAssignment web: endpoints changed; in place, only connections to endpoints that are gone end, busy ones after their request\n", output);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_a_fault() => Assert.Equal(1, Diff("static_resources: [", "{}").Code);

    private (int Code, string Output) Diff(string before, string after)
    {
        File.WriteAllText(Path.Combine(_folder, "old.yaml"), before);
        File.WriteAllText(Path.Combine(_folder, "new.yaml"), after);
        using var output = new StringWriter();
        var code = Program.Run("weft", ["config", "diff", Path.Combine(_folder, "old.yaml"), Path.Combine(_folder, "new.yaml")], output, TextWriter.Null);
        return (code, output.ToString());
    }
}
