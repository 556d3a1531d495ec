using Weft.Config;
using Weft.Proxy.Routing;

namespace Weft.Proxy.Tests.Routing;

public class ForwardActionTests
{
    [Fact]
    public void Defaults_are_those_of_Envoy()
    {
        var forward = Forward("cluster: c");
        Assert.Equal(15_000, forward.Policies.Timeouts.GlobalMs);
        Assert.Null(forward.IdleTimeoutMs);
        Assert.Null(forward.StreamDuration);
        Assert.Equal(503, forward.ClusterNotFoundStatus);
        Assert.Equal(0, forward.Priority);
        Assert.Null(forward.Upgrades);
        Assert.False(forward.AutoHostRewrite);
    }

    [Fact]
    public void Every_field_is_taken_over()
    {
        var forward = Forward("""
            cluster: c, timeout: 1.5s, idle_timeout: 0s, max_stream_duration: { max_stream_duration: 2s }, priority: HIGH, auto_host_rewrite: true,
                cluster_not_found_response_code: NOT_FOUND, upgrade_configs: [{ upgrade_type: WebSocket }, { upgrade_type: foo, enabled: false }]
            """);
        Assert.Equal(0, forward.Policies.Timeouts.GlobalMs);
        Assert.Equal(0, forward.IdleTimeoutMs);
        Assert.Equal(2000, forward.StreamDuration!.LimitMs);
        Assert.Equal(1, forward.Priority);
        Assert.Equal(404, forward.ClusterNotFoundStatus);
        Assert.True(forward.AutoHostRewrite);
        Assert.Equal(new Dictionary<string, bool> { ["websocket"] = true, ["foo"] = false }, forward.Upgrades);
    }

    [Fact]
    public void A_header_can_name_the_cluster()
    {
        var table = Routes.OfRoutes("""
            - { match: { prefix: /known }, route: { cluster: known } }
            - { match: { prefix: / }, route: { cluster_header: x-cluster } }
            """);
        Assert.Equal("known", table.NameFor(Routes.Request("/", headers: [("x-cluster", "known"), ("x-cluster", "other")])));
        Assert.Null(table.NameFor(Routes.Request("/", headers: ("x-cluster", "unknown"))));
        Assert.Null(table.NameFor(Routes.Request("/", headers: ("x-cluster", new string('x', 3000)))));
        Assert.Null(table.NameFor(Routes.Request("/")));
    }

    [Fact]
    public void Clusters_that_do_not_exist_are_reported_where_they_are_named()
    {
        var table = Routes.OfRoutes("""
            - { match: { prefix: /a }, route: { cluster: there } }
            - { match: { prefix: /b }, route: { cluster: missing } }
            - { match: { prefix: /c }, route: { weighted_clusters: { clusters: [{ name: there, weight: 1 }, { name: lost, weight: 1 }] } } }
            """);
        var context = new ConfigContext();
        table.CheckClusters(static name => name == "there", byDefault: false, context);
        Assert.Empty(context.Findings.Errors);
        table.CheckClusters(static name => name == "there", byDefault: true, context);
        Assert.Equal(["route: unknown cluster 'missing'", "route: unknown weighted cluster 'lost'"], context.Findings.Errors.Select(static fault => fault.Text));
    }

    [Theory]
    [InlineData(0, "a")]
    [InlineData(9, "a")]
    [InlineData(10, "b")]
    [InlineData(39, "b")]
    [InlineData(40, "a")]
    [InlineData(45, "a")]
    public void Weights_share_the_requests(ulong random, string cluster)
        => Assert.Equal(cluster, Weighted("").NameFor(Routes.Request("/"), random));

    [Fact]
    public void Runtime_can_change_the_weights()
    {
        var table = Weighted("runtime_key_prefix: split");
        Assert.Equal("b", table.NameFor(Routes.Request("/"), 0, Routes.Runtime(("split.a", "0"))));
        Assert.Equal("a", table.NameFor(Routes.Request("/"), 99, Routes.Runtime(("split.a", "100"), ("split.b", "10"))));
        Assert.Equal("b", table.NameFor(Routes.Request("/"), 100, Routes.Runtime(("split.a", "100"), ("split.b", "10"))));
    }

    [Theory]
    [InlineData("12", "b")]
    [InlineData("x", "a")]
    [InlineData("12,12", "a")]
    public void A_header_can_hold_the_random_value(string value, string cluster)
        => Assert.Equal(cluster, Weighted("header_name: x-random").NameFor(Routes.Request("/", headers: ("x-random", value)), 0));

    [Fact]
    public void The_routes_hash_can_stand_in_for_the_random_value()
    {
        var table = Routes.OfRoutes("""
            - match: { prefix: / }
              route:
                hash_policy: [{ header: { header_name: x-user } }]
                weighted_clusters: { clusters: [{ name: a, weight: 10 }, { name: b, weight: 10 }], use_hash_policy: true }
            """);
        var users = Enumerable.Range(0, 40).Select(i => Routes.Request("/", headers: ("x-user", $"user {i}"))).ToArray();
        Assert.Equal(["a", "b"], users.Select(user => table.NameFor(user)).Distinct().Order());
        Assert.All(users, user => Assert.Equal(table.NameFor(user, 0), table.NameFor(user, 11)));
        Assert.Equal(["a", "b"], new ulong[] { 0, 11 }.Select(random => table.NameFor(Routes.Request("/"), random)));
    }

    [Theory]
    [InlineData("clusters: [{ name: a, weight: 0 }]", "Sum of weights in the weighted_cluster must be greater than 0.")]
    [InlineData("clusters: [{ weight: 1 }]", "At least one of name or cluster_header need to be specified")]
    [InlineData("clusters: [{ name: a, weight: 4294967295 }, { name: b, weight: 1 }]", "The sum of weights of all weighted clusters of route split exceeds 4294967295")]
    public void Wrong_weights_are_reported(string weighted, string fault)
        => Assert.Contains(fault, Routes.FaultsOfRoutes($"- name: split\n  match: {{ prefix: / }}\n  route: {{ weighted_clusters: {{ {weighted} }} }}"));

    [Fact]
    public void A_weighted_cluster_can_rewrite_the_host()
    {
        var table = Routes.OfRoutes("- { match: { prefix: / }, route: { weighted_clusters: { clusters: [{ name: a, weight: 1, host_rewrite_literal: of.a }] } } }");
        var request = Routes.Request("/");
        table.Match(request)!.Forward!.Rewrite(request, Routes.Format(request));
        Assert.Equal("of.a", request.Get(":authority"));
    }

    private static RouteTable Weighted(string more) => Routes.OfRoutes($$"""
        - match: { prefix: / }
          route: { weighted_clusters: { clusters: [{ name: a, weight: 10 }, { name: b, weight: 30 }], {{more}} } }
        """);

    private static ForwardAction Forward(string action)
    {
        var request = Routes.Request("/");
        return Routes.OfRoutes($"- match: {{ prefix: / }}\n  route: {{ {action} }}").Match(request)!.Forward!;
    }

    [Fact]
    public void A_route_that_does_not_forward_names_no_cluster()
    {
        var route = Routes.OfRoutes("- { match: { prefix: / }, non_forwarding_action: {} }").Match(Routes.Request("/"))!;
        Assert.Null(route.Forward!.SelectCluster(new(Routes.Request("/"), new Weft.Proxy.Streams.StreamInfo(), Weft.Proxy.Runtime.RuntimeSnapshot.Empty)));
        Assert.Equal(503, route.Forward.ClusterNotFoundStatus);
    }
}
