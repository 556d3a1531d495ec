using Weft.Proxy.NetworkFilters.HttpConnectionManager;
using Weft.Proxy.Tests.HttpFilters.Router;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.Tests.NetworkFilters.HttpConnectionManager;

/// <summary>upgrade_configs.filters: upgrades that go through filters of their own.</summary>
public sealed class UpgradeFiltersTests
{
    private const string Router = "{ name: router, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }";
    private const string Mutation = "\"@type\": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3";
    private const string Marking =
        $"{{ name: marking, typed_config: {{ {Mutation}.HeaderMutation, mutations: {{ request_mutations: [ {{ append: {{ header: {{ key: x-up, value: filter }} }} }} ], "
        + "response_mutations: [ { append: { header: { key: x-down, value: filter } } } ] } } }";
    private const string OfRoute =
        $"typed_per_filter_config: {{ marking: {{ {Mutation}.HeaderMutationPerRoute, mutations: {{ request_mutations: [ {{ append: {{ header: {{ key: x-up, value: route }} }} }} ] }} }} }}";
    private const string Upgrade = "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: WebSocket\r\n\r\n";

    [Fact]
    public void An_upgrade_goes_through_its_own_filters_and_nothing_else_does()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start(
            $"- {{ match: {{ prefix: / }}, route: {{ cluster: web }}, {OfRoute} }}",
            manager: $"upgrade_configs: [ {{ upgrade_type: other }}, {{ upgrade_type: websocket, filters: [ {Marking}, {Router} ] }} ]");

        var plain = bench.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        var server = upstream.Accept(bench);
        Assert.DoesNotContain("x-up", server.Read(), StringComparison.Ordinal);
        server.Answer(200, "plain");
        Assert.DoesNotContain("x-down", plain.Read(), StringComparison.Ordinal);

        // The same pooled stream, twice.
        for (var i = 0; i < 2; i++)
        {
            var client = bench.Send(Upgrade);
            server = i == 0 ? server : upstream.Accept(bench);
            var request = server.ReadUntil("\r\n\r\n");
            Assert.Contains("\r\nx-up: route\r\n", request, StringComparison.Ordinal);
            Assert.Contains("\r\nx-up: filter\r\n", request, StringComparison.Ordinal);
            server.Send("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
            Assert.Contains("\r\nx-down: filter\r\n", client.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
            client.Send("ping");
            Assert.Equal("ping", server.ReadCount(4));
            server.Send("pong");
            Assert.Equal("pong", client.ReadCount(4));
            server.Dispose();
            client.AssertEnds();
        }

        plain = bench.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        server = upstream.Accept(bench);
        Assert.DoesNotContain("x-up", server.Read(), StringComparison.Ordinal);
        server.Answer(200, "plain");
        Assert.DoesNotContain("x-down", plain.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_upgrade_without_filters_of_its_own_goes_through_everybodys()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }", manager: $"upgrade_configs: [ {{ upgrade_type: websocket }}, {{ upgrade_type: other, filters: [ {Marking}, {Router} ] }} ]");
        bench.Send(Upgrade);
        Assert.DoesNotContain("x-up", upstream.Accept(bench).ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Filters_of_an_upgrade_must_end_in_a_terminal_one()
    {
        using var bench = new RouterBench();
        var manager = Weft.Config.ConfigReader.ReadText<HcmMessage>(
            $"stat_prefix: a\nroute_config: {{}}\nhttp_filters: [ {Router} ]\nupgrade_configs: [ {{ upgrade_type: websocket, filters: [ {Marking} ] }} ]", "hcm.yaml", new Weft.Config.ReadOptions(), bench.Config);
        Assert.Null(HttpConnectionManagerConfig.Create(manager, bench.Context));
        var finding = Assert.Single(bench.Config.Findings.Errors);
        Assert.Equal("Error: non-terminal filter named marking of type marking is the last filter in a http upgrade filter chain.", finding.Text);
        Assert.EndsWith("upgrade_configs[0].filters", finding.FieldPath, StringComparison.Ordinal);
    }
}
