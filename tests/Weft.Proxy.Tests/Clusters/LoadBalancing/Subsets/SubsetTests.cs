using Google.Protobuf.WellKnownTypes;
using Weft.Base;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing.Subsets;

/// <summary>The example of Envoy's documentation on subsets, and every fallback.</summary>
public sealed class SubsetTests : IDisposable
{
    private const string DocumentedSelectors = "fallback_policy: DEFAULT_SUBSET, default_subset: { stage: prod, version: '1.0', type: std }, subset_selectors: [ { keys: [ stage, type ] }, { keys: [ stage, version ] }, { keys: [ version ] }, { keys: [ xlarge, version ] } ]";

    private static readonly string[] s_documentedEndpoints =
    [
        "{ stage: prod, version: '1.0', type: std, xlarge: true }",
        "{ stage: prod, version: '1.0', type: std }",
        "{ stage: prod, version: '1.1', type: std }",
        "{ stage: prod, version: '1.1', type: std }",
        "{ stage: prod, version: '1.0', type: bigmem }",
        "{ stage: prod, version: '1.1', type: bigmem }",
        "{ stage: dev, version: 1.2-pre, type: std }",
    ];

    private readonly TestClusters _test;
    private readonly TestLoop _loop = new();

    public SubsetTests() => _test = new TestClusters(_loop.Loop);

    public void Dispose() => _loop.Dispose();

    private Cluster Cluster(string subsets, string[] metadata, string more = "", string policy = "ROUND_ROBIN")
    {
        var endpoints = metadata.Select((values, i) => $$"""
                - { endpoint: { address: { socket_address: { address: 10.0.0.{{i + 1}}, port_value: 80 } } }, metadata: { filter_metadata: { envoy.lb: {{values}} } } }
            """);
        var cluster = Weft.Proxy.Clusters.Cluster.Create(_test.Compile($$"""
            name: web
            lb_policy: {{policy}}
            lb_subset_config: { {{subsets}} }
            {{more}}
            load_assignment:
              cluster_name: web
              endpoints:
              - lb_endpoints:
            {{string.Join('\n', endpoints)}}
            """), _test.Context);
        Assert.Empty(_test.Faults);
        cluster.Start(() => { });
        return cluster;
    }

    private static MetadataCriteria Criteria(params (string Name, object Value)[] values) =>
        new(values.Select(v => KeyValuePair.Create(v.Name, v.Value switch
        {
            bool b => Value.ForBool(b),
            int n => Value.ForNumber(n),
            Value value => value,
            _ => Value.ForString((string)v.Value),
        })))
        { IsShared = true };

    private static LoadBalancer Balancer(Cluster cluster) => cluster.Endpoints.Plan!.CreateBalancer(new RandomSource(1), null);

    /// <summary>The last numbers of the addresses that requests go to; "-" when they go nowhere.</summary>
    private static string Targets(LoadBalancer balancer, MetadataCriteria? criteria)
    {
        var targets = new SortedSet<string>();
        for (var i = 0; i < 50; i++)
        {
            var endpoint = balancer.Pick(new LoadBalancerContext(null, null) { MetadataMatch = criteria });
            targets.Add(endpoint is null ? "-" : endpoint.AddressText.Split('.', ':')[3]);
        }
        return string.Join(' ', targets);
    }

    private static string Targets(Cluster cluster, params (string Name, object Value)[] values) => Targets(Balancer(cluster), values.Length == 0 ? null : Criteria(values));

    [Fact]
    public void Requests_go_to_the_subset_that_their_criteria_name()
    {
        using var cluster = Cluster(DocumentedSelectors, s_documentedEndpoints);
        Assert.Equal("5 6", Targets(cluster, ("stage", "prod"), ("type", "bigmem")));
        Assert.Equal("1 2 3 4", Targets(cluster, ("type", "std"), ("stage", "prod")));
        Assert.Equal("1 2 5", Targets(cluster, ("stage", "prod"), ("version", "1.0")));
        Assert.Equal("3 4 6", Targets(cluster, ("version", "1.1")));
        Assert.Equal("7", Targets(cluster, ("version", "1.2-pre")));
        Assert.Equal("1", Targets(cluster, ("version", "1.0"), ("xlarge", true)));
        Assert.Equal(300, _test.Counter("web", "lb_subsets_selected"));
        Assert.Equal(0, _test.Counter("web", "lb_subsets_fallback"));
        // prod/std prod/bigmem dev/std, prod/1.0 prod/1.1 dev/1.2-pre, 1.0 1.1 1.2-pre, xlarge/1.0
        Assert.Equal(10, _test.Gauge("web", "lb_subsets_active"));
        Assert.Equal(10, _test.Counter("web", "lb_subsets_created"));
    }

    [Fact]
    public void Only_the_subsets_of_an_endpoint_that_changes_are_made_anew()
    {
        using var cluster = Cluster("fallback_policy: ANY_ENDPOINT, subset_selectors: [ { keys: [ v ] } ]", ["{ v: a }", "{ v: a }", "{ v: b }"]);
        var before = (SubsetPlan)cluster.Endpoints.Plan!;
        cluster.Endpoints.Priorities[0].All[0].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        cluster.OnHealthChanged();
        _loop.Settle();
        var after = (SubsetPlan)cluster.Endpoints.Plan!;
        var (a, b) = (Criteria(("v", "a")).Text, Criteria(("v", "b")).Text);
        Assert.Same(before.Find(b), after.Find(b));
        Assert.NotSame(before.Find(a), after.Find(a));
        Assert.NotSame(before.Any, after.Any);
        Assert.Equal("2", Targets(cluster, ("v", "a")));
        Assert.Equal(2, _test.Counter("web", "lb_subsets_created"));

        cluster.Endpoints.Priorities[0].All[2].Reconfigure(1, cluster.Endpoints.Priorities[0].All[0].Metadata, EndpointHealthFlags.None);
        cluster.OnHealthChanged();
        _loop.Settle();
        Assert.Equal("2 3", Targets(cluster, ("v", "a")));
        Assert.Null(((SubsetPlan)cluster.Endpoints.Plan!).Find(b));
    }

    [Fact]
    public void Requests_that_no_subset_matches_go_to_the_default_subset()
    {
        using var cluster = Cluster(DocumentedSelectors, s_documentedEndpoints);
        Assert.Equal("1 2", Targets(cluster));
        Assert.Equal("1 2", Targets(cluster, ("x", "y")));
        Assert.Equal("1 2", Targets(cluster, ("stage", "prod")));
        Assert.Equal("1 2", Targets(cluster, ("version", "7")));
        Assert.Equal(200, _test.Counter("web", "lb_subsets_fallback"));
    }

    [Theory]
    [InlineData("NO_FALLBACK", "-")]
    [InlineData("ANY_ENDPOINT", "1 2 3")]
    [InlineData("DEFAULT_SUBSET, default_subset: { v: b }", "2")]
    [InlineData("DEFAULT_SUBSET", "1 2 3")]
    [InlineData("DEFAULT_SUBSET, default_subset: { v: x }", "-")]
    [InlineData("DEFAULT_SUBSET, default_subset: { v: x }, panic_mode_any: true", "1 2 3")]
    public void The_fallback_of_the_cluster_takes_what_matches_nothing(string fallback, string targets)
    {
        using var cluster = Cluster($"fallback_policy: {fallback}, subset_selectors: [ {{ keys: [ v ] }} ]", ["{ v: a }", "{ v: b }", "{ v: c }"]);
        Assert.Equal(targets, Targets(cluster, ("v", "z")));
        Assert.Equal(fallback.Contains("panic") ? 50 : 0, _test.Counter("web", "lb_subsets_fallback_panic"));
        Assert.Equal("1", Targets(cluster, ("v", "a")));
    }

    [Theory]
    [InlineData("NO_FALLBACK", "-")]
    [InlineData("ANY_ENDPOINT", "1 2 3")]
    [InlineData("DEFAULT_SUBSET", "3")]
    [InlineData("KEYS_SUBSET, fallback_keys_subset: [ v ]", "1 2")]
    [InlineData("NOT_DEFINED", "3")]
    public void A_selector_can_have_a_fallback_of_its_own(string fallback, string targets)
    {
        using var cluster = Cluster(
            $"fallback_policy: DEFAULT_SUBSET, default_subset: {{ v: c }}, subset_selectors: [ {{ keys: [ v, stage ], fallback_policy: {fallback} }}, {{ keys: [ v ] }} ]",
            ["{ v: a, stage: x }", "{ v: a, stage: y }", "{ v: c }"]);
        Assert.Equal("1", Targets(cluster, ("v", "a"), ("stage", "x")));
        Assert.Equal(targets, Targets(cluster, ("v", "a"), ("stage", "z")));
    }

    [Fact]
    public void A_subset_whose_endpoints_have_all_failed_is_in_panic_and_falls_back_to_nobody_else()
    {
        using var cluster = Cluster("fallback_policy: ANY_ENDPOINT, subset_selectors: [ { keys: [ v ] } ]", ["{ v: a }", "{ v: b }"]);
        cluster.Endpoints.Priorities[0].All[0].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        cluster.OnHealthChanged();
        _loop.Settle();
        Assert.Equal("1", Targets(cluster, ("v", "a")));
        Assert.Equal(50, _test.Counter("web", "lb_healthy_panic"));
    }

    [Fact]
    public void Subsets_follow_the_health_of_their_endpoints()
    {
        using var cluster = Cluster("subset_selectors: [ { keys: [ v ] } ]", ["{ v: a }", "{ v: a }", "{ v: a }", "{ v: b }"]);
        var before = Balancer(cluster);
        Assert.Equal("1 2 3", Targets(before, Criteria(("v", "a"))));
        cluster.Endpoints.Priorities[0].All[1].SetHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        cluster.OnHealthChanged();
        _loop.Settle();
        var after = cluster.Endpoints.Plan!.CreateBalancer(new RandomSource(1), before);
        Assert.Equal("1 3", Targets(after, Criteria(("v", "a"))));
        Assert.Equal("4", Targets(after, Criteria(("v", "b"))));
        Assert.Equal(2, _test.Counter("web", "lb_subsets_created"));
    }

    [Fact]
    public void Values_match_by_type_and_lists_as_a_whole_unless_they_count_as_any()
    {
        string[] endpoints = ["{ v: 1 }", "{ v: '1' }", "{ v: [ a, b ] }", "{ v: b }"];
        var list = Value.ForList(Value.ForString("a"), Value.ForString("b"));
        using var whole = Cluster("subset_selectors: [ { keys: [ v ] } ]", endpoints);
        Assert.Equal("1", Targets(whole, ("v", 1)));
        Assert.Equal("2", Targets(whole, ("v", "1")));
        Assert.Equal("3", Targets(whole, ("v", list)));
        Assert.Equal("4", Targets(whole, ("v", "b")));
        using var any = Cluster("list_as_any: true, fallback_policy: DEFAULT_SUBSET, default_subset: { v: a }, subset_selectors: [ { keys: [ v ] } ]", endpoints);
        Assert.Equal("3 4", Targets(any, ("v", "b")));
        Assert.Equal("3", Targets(any, ("v", "z")));
    }

    [Fact]
    public void A_single_host_serves_its_subset_alone_whatever_its_health()
    {
        using var cluster = Cluster("subset_selectors: [ { keys: [ id ], single_host_per_subset: true } ]", ["{ id: a }", "{ id: b }", "{ id: a }"]);
        cluster.Endpoints.Priorities[0].All[0].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        cluster.OnHealthChanged();
        _loop.Settle();
        Assert.Equal("1", Targets(cluster, ("id", "a")));
        Assert.Equal("2", Targets(cluster, ("id", "b")));
        Assert.Equal("-", Targets(cluster, ("id", "c")));
        Assert.Equal(1, _test.Gauge("web", "lb_subsets_single_host_per_subset_duplicate"));
    }

    [Fact]
    public void A_fallback_list_is_tried_in_order()
    {
        using var cluster = Cluster("metadata_fallback_policy: FALLBACK_LIST, subset_selectors: [ { keys: [ v ] }, { keys: [ v, stage ] } ]", ["{ v: a }", "{ v: b, stage: x }"]);
        Assert.Equal("1", Targets(cluster, ("fallback_list", Value.ForList(Of("v", "z"), Of("v", "a"), Of("v", "b")))));
        Assert.Equal("2", Targets(cluster, ("stage", "x"), ("fallback_list", Value.ForList(Of("v", "a"), Of("v", "b")))));
        Assert.Equal("-", Targets(cluster, ("fallback_list", Value.ForList(Of("v", "z")))));

        static Value Of(string name, string value) => Value.ForStruct(new Struct { Fields = { [name] = Value.ForString(value) } });
    }

    [Theory]
    [InlineData("", "1 2")]
    [InlineData("locality_weight_aware: true,", "2")]
    public void Subsets_can_keep_the_weights_of_localities(string aware, string targets)
    {
        var cluster = Weft.Proxy.Clusters.Cluster.Create(_test.Compile($$"""
            name: web
            common_lb_config: { locality_weighted_lb_config: {} }
            lb_subset_config: { {{aware}} subset_selectors: [ { keys: [ v ] } ] }
            load_assignment:
              cluster_name: web
              endpoints:
              - { locality: { zone: a }, lb_endpoints: [ { endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } }, metadata: { filter_metadata: { envoy.lb: { v: a } } } } ] }
              - { locality: { zone: b }, load_balancing_weight: 5, lb_endpoints: [ { endpoint: { address: { socket_address: { address: 10.0.0.2, port_value: 80 } } }, metadata: { filter_metadata: { envoy.lb: { v: a } } } } ] }
            """), _test.Context);
        cluster.Start(() => { });
        Assert.Equal(targets, Targets(cluster, ("v", "a")));
    }

    [Fact]
    public void Weights_of_localities_shrink_with_their_part_in_the_subset_when_asked_to()
    {
        var config = new SubsetConfig { IsLocalityWeightAware = true, ScalesLocalityWeight = true };
        Endpoint[] endpoints = [Hashing.HashTables.Endpoint(1, zone: "a"), Hashing.HashTables.Endpoint(2, zone: "a"), Hashing.HashTables.Endpoint(3, zone: "b")];
        var assignment = new LoadAssignment { Localities = [new LocalityAssignment { Zone = "a", Weight = 50 }, new LocalityAssignment { Zone = "b", Weight = 50 }] };
        var cluster = EndpointsSnapshot.Build(endpoints, assignment, EndpointsSnapshot.Empty);
        var subset = SubsetEndpoints.Build([[endpoints[0], endpoints[2]]], cluster, config, EndpointsSnapshot.Empty);
        Assert.Equal([25u, 50u], subset.Priorities[0].Localities.Select(locality => locality.Weight));
    }

    [Fact]
    public void Names_that_no_selector_has_can_be_left_out()
    {
        var cluster = Weft.Proxy.Clusters.Cluster.Create(_test.Compile("""
            name: web
            load_balancing_policy:
              policies:
              - typed_extension_config:
                  name: subset
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.subset.v3.Subset
                    allow_redundant_keys: true
                    subset_selectors: [ { keys: [ v ] } ]
                    subset_lb_policy: { policies: [ { typed_extension_config: { name: r, typed_config: { "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.random.v3.Random } } } ] }
            load_assignment:
              cluster_name: web
              endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } }, metadata: { filter_metadata: { envoy.lb: { v: a } } } } ] } ]
            """), _test.Context);
        Assert.Empty(_test.Faults);
        cluster.Start(() => { });
        Assert.Equal(LbPolicy.Random, cluster.Config.LbPolicy);
        Assert.Equal("1", Targets(cluster, ("v", "a"), ("redundant", "x")));
        Assert.Equal("-", Targets(cluster, ("redundant", "x")));
    }

    [Fact]
    public void Every_policy_works_within_subsets()
    {
        foreach (var policy in new[] { "LEAST_REQUEST", "RANDOM", "RING_HASH", "MAGLEV" })
        {
            using var cluster = Cluster("subset_selectors: [ { keys: [ v ] } ]", ["{ v: a }", "{ v: a }", "{ v: b }"], policy: policy);
            Assert.Equal("1 2", Targets(cluster, ("v", "a")));
        }
    }

    [Theory]
    [InlineData("fallback_policy: KEYS_SUBSET", "fallback_keys_subset cannot be empty")]
    [InlineData("fallback_keys_subset: [ a ]", "fallback_keys_subset can be set only for KEYS_SUBSET fallback_policy")]
    [InlineData("fallback_policy: KEYS_SUBSET, fallback_keys_subset: [ c ]", "fallback_keys_subset must be a subset of selector keys")]
    [InlineData("fallback_policy: KEYS_SUBSET, fallback_keys_subset: [ a, b ]", "fallback_keys_subset cannot be equal to keys")]
    public void Wrong_fallback_keys_are_refused(string selector, string fault)
    {
        _test.Compile($"name: web\nlb_subset_config: {{ subset_selectors: [ {{ keys: [ a, b ], {selector} }} ] }}");
        Assert.Contains(_test.Faults, text => text.EndsWith(fault));
    }

    [Fact]
    public void Without_selectors_there_are_no_subsets() =>
        Assert.Null(_test.Compile("name: web\nlb_subset_config: { fallback_policy: ANY_ENDPOINT }").LoadBalancing.Subsets);

    [Fact]
    public void A_pick_allocates_nothing()
    {
        using var cluster = Cluster(DocumentedSelectors, s_documentedEndpoints);
        var balancer = Balancer(cluster);
        var criteria = Criteria(("version", "1.1"));
        Assert.Equal(0, Routing.Allocations.Of(() => balancer.Pick(new LoadBalancerContext(null, null) { MetadataMatch = criteria })));
    }
}
