using Weft.Config;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Tests.Clusters.CircuitBreaking;

public sealed class CircuitBreakersTests
{
    private readonly TestClusters _clusters = new();

    [Fact]
    public void Defaults_are_those_of_Envoy_and_hold_for_each_priority_alone()
    {
        var breakers = Breakers("thresholds: [{ priority: HIGH, max_requests: 7 }]");
        Assert.Equal((1024L, 1024L, 1024L, 3L, (long)uint.MaxValue), Limits(breakers.Default));
        Assert.Equal((1024L, 1024L, 7L, 3L, (long)uint.MaxValue), Limits(breakers.High));
        Assert.Null(breakers.Default.MaxConnectionsPerEndpoint);
    }

    [Fact]
    public void Gauges_say_what_is_open_and_what_remains()
    {
        var breakers = Breakers("thresholds: [{ max_connections: 2, max_retries: 1, max_connection_pools: 1, track_remaining: true }]");
        Assert.Equal((0L, 2L), (Gauge("default.cx_open"), Gauge("default.remaining_cx")));
        breakers.Default.Connections.Acquire();
        breakers.Default.Connections.Acquire();
        Assert.True(breakers.Default.ConnectionPools.TryAcquire());
        Assert.Equal((1L, 0L), (Gauge("default.cx_open"), Gauge("default.remaining_cx")));
        Assert.Equal((1L, 0L), (Gauge("default.cx_pool_open"), Gauge("default.remaining_cx_pools")));
        Assert.Equal((0L, 1L), (Gauge("default.rq_retry_open"), Gauge("default.remaining_retries")));
        Assert.Equal((0L, null), (Gauge("high.cx_open"), Gauge("high.remaining_cx")));
    }

    [Fact]
    public void A_retry_budget_is_a_share_of_what_is_active_but_always_a_few()
    {
        var breaker = Breakers("thresholds: [{ max_retries: 0, track_remaining: true, retry_budget: { budget_percent: { value: 50 }, min_retry_concurrency: 2 } }]").Default;
        Assert.Equal(2, breaker.Retries.Max);
        for (var i = 0; i < 9; i++)
            breaker.Requests.Acquire();
        breaker.PendingRequests.Acquire();
        Assert.Equal(5, breaker.Retries.Max);
        Assert.Equal(0L, Gauge("default.remaining_retries"));
    }

    [Fact]
    public void An_empty_retry_budget_is_a_fifth_and_at_least_three()
    {
        var breaker = Breakers("thresholds: [{ retry_budget: { } }]").Default;
        Assert.Equal(3, breaker.Retries.Max);
        for (var i = 0; i < 100; i++)
            breaker.Requests.Acquire();
        Assert.Equal(20, breaker.Retries.Max);
    }

    [Fact]
    public void Runtime_overrides_thresholds_at_once()
    {
        var runtime = new RuntimeLayers(new Envoy.Config.Bootstrap.V3.LayeredRuntime(), new ConfigContext(), _clusters.Stats.Scope(""));
        var breakers = CircuitBreakers.Create(null, _clusters.Stats.Scope("x."), runtime, "web");
        Assert.Equal(1024, breakers.Default.Requests.Max);
        runtime.Modify([
            KeyValuePair.Create("circuit_breakers.web.default.max_requests", "5"),
            KeyValuePair.Create("circuit_breakers.web.high.retry_budget.budget_percent", "100"),
        ]);
        breakers.High.Requests.Acquire();
        breakers.High.Requests.Acquire();
        breakers.High.Requests.Acquire();
        breakers.High.Requests.Acquire();
        Assert.Equal((5L, 1024L, 3L, 4L), (breakers.Default.Requests.Max, breakers.High.Requests.Max, breakers.Default.Retries.Max, breakers.High.Retries.Max));
        runtime.Modify([KeyValuePair.Create("circuit_breakers.web.default.max_requests", "")]);
        Assert.Equal(1024, breakers.Default.Requests.Max);
    }

    [Fact]
    public void Who_only_looks_makes_nothing_and_sees_what_holds()
    {
        var breakers = Breakers("");
        Assert.Same(breakers.Look(0), breakers.Look(0));
        Assert.Equal((1024L, 1024L, 1024L, 3L, (long)uint.MaxValue), Limits(breakers.Look(1)));
        breakers.High.Requests.Acquire();
        Assert.Same(breakers.High, breakers.Look(1));
        Assert.Equal((0L, 1L), (breakers.Look(0).Requests.Current, breakers.Look(1).Requests.Current));
        Assert.Equal(2, Breakers("thresholds: [{ max_requests: 2 }]").Look(0).Requests.Max);
    }

    [Fact]
    public void A_limit_of_none_is_open_before_anything_counts_in_it()
    {
        Breakers("thresholds: [{ max_connections: 0 }]");
        Assert.Equal((1L, 0L), (Gauge("default.cx_open"), Gauge("default.rq_open")));
    }

    [Fact]
    public void Only_connections_can_be_limited_per_host()
    {
        Breakers("per_host_thresholds: [{ max_requests: 3 }]", mayFail: true);
        Assert.Equal(["circuit_breakers.per_host_thresholds[0]: Unsupported field in per_host_thresholds"], _clusters.Faults);
    }

    private CircuitBreakers Breakers(string yaml, bool mayFail = false)
    {
        var config = _clusters.Compile($"name: web\nload_assignment: {{ cluster_name: web }}\ncircuit_breakers: {{ {yaml} }}");
        if (!mayFail)
            Assert.Empty(_clusters.Faults);
        return config.CircuitBreakers;
    }

    private long? Gauge(string name) => _clusters.Printed("cluster.web.circuit_breakers." + name);

    private static (long, long, long, long, long) Limits(CircuitBreaker breaker) =>
        (breaker.Connections.Max, breaker.PendingRequests.Max, breaker.Requests.Max, breaker.Retries.Max, breaker.ConnectionPools.Max);
}
