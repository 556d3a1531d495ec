namespace Weft.Proxy.Tests.Clusters.OutlierDetection;

public sealed class ConsecutiveTests
{
    [Fact]
    public void Exactly_the_configured_number_of_failures_in_a_row_ejects_and_the_base_time_later_it_returns()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 3, base_ejection_time: 10s, max_ejection_percent: 10 }");
        test.Put(0, 500, 2);
        test.Put(0, 200, 1);
        test.Put(0, 500, 2);
        Assert.False(test.IsOut(0));
        test.Put(0, 503, 1);
        Assert.True(test.IsOut(0));
        Assert.Equal("/failed_outlier_check", Weft.Proxy.Clusters.EndpointHealthFlagsExtensions.ToText(test.Endpoint(0).HealthFlags));
        Assert.Equal(2, test.Healthy);
        Assert.Equal(1, test.Active);
        Assert.Equal((1, 1, 1, 1), (test.Counter("enforced_total"), test.Counter("enforced_consecutive_5xx"), test.Counter("detected_consecutive_5xx"), test.Counter("total")));
        test.Advance(10);
        Assert.False(test.IsOut(0));
        Assert.Equal(3, test.Healthy);
        Assert.Equal(0, test.Active);
    }

    [Fact]
    public void One_endpoint_may_be_ejected_whatever_the_percentage_but_not_a_second()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 1, max_ejection_percent: 10 }");
        test.Put(0, 500, 1);
        test.Put(1, 500, 1);
        Assert.Equal((true, false), (test.IsOut(0), test.IsOut(1)));
        Assert.Equal(1, test.Counter("overflow"));
    }

    [Fact]
    public void Told_so_not_even_one_is_ejected_beyond_the_percentage()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 1, max_ejection_percent: 10, always_eject_one_host: false }");
        test.Put(0, 500, 1);
        Assert.False(test.IsOut(0));
        Assert.Equal(1, test.Counter("overflow"));
    }

    [Fact]
    public void The_percentage_counts_the_ejection_itself()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 1, max_ejection_percent: 50 }", endpoints: 4);
        for (var i = 0; i < 4; i++)
            test.Put(i, 500, 1);
        Assert.Equal((2, 2), (test.Active, test.Counter("overflow")));
    }

    [Fact]
    public void An_ejection_lasts_longer_each_time_and_shorter_again_with_good_behaviour()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 1, base_ejection_time: 10s, interval: 10s }");
        test.Put(0, 500, 1);
        test.Advance(10);
        Assert.False(test.IsOut(0));

        test.Put(0, 500, 1);
        test.Advance(10);
        Assert.True(test.IsOut(0));
        test.Advance(10);
        Assert.False(test.IsOut(0));

        // Two intervals without a failure take both steps back.
        test.Advance(10);
        test.Advance(10);
        test.Put(0, 500, 1);
        test.Advance(10);
        Assert.False(test.IsOut(0));
    }

    [Fact]
    public void An_ejection_never_lasts_longer_than_the_maximum()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 1, base_ejection_time: 10s, max_ejection_time: 20s, interval: 1s }");
        for (var round = 0; round < 5; round++)
        {
            test.Put(0, 500, 1);
            Assert.True(test.IsOut(0));
            test.Advance(20);
            Assert.False(test.IsOut(0));
        }
    }

    [Fact]
    public void Gateway_failures_count_apart_and_eject_only_when_enforced()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 100, consecutive_gateway_failure: 2 }");
        test.Put(0, 502, 1);
        test.Put(0, 500, 1);
        test.Put(0, 504, 1);
        Assert.Equal(0, test.Counter("detected_consecutive_gateway_failure"));
        test.Put(0, 503, 1);
        Assert.Equal((1, 0), (test.Counter("detected_consecutive_gateway_failure"), test.Counter("enforced_consecutive_gateway_failure")));
        Assert.False(test.IsOut(0));

        using var enforced = new WatchedCluster("{ consecutive_5xx: 100, consecutive_gateway_failure: 2, enforcing_consecutive_gateway_failure: 100 }");
        enforced.Put(0, 503, 2);
        Assert.True(enforced.IsOut(0));
    }

    [Fact]
    public void Failures_to_connect_are_5xx_unless_they_are_told_apart()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 2 }");
        test.Monitor(0).PutConnectFailed();
        test.Monitor(0).PutTimeout();
        test.Loop.Settle();
        Assert.True(test.IsOut(0));

        using var split = new WatchedCluster("{ consecutive_5xx: 2, consecutive_local_origin_failure: 3, split_external_local_origin_errors: true }");
        var monitor = split.Monitor(0);
        monitor.PutConnectFailed();
        monitor.PutTimeout();
        monitor.PutConnected(isFinal: false);
        monitor.PutConnectFailed();
        monitor.PutConnectFailed();
        split.Loop.Settle();
        Assert.False(split.IsOut(0));
        monitor.PutConnectFailed();
        split.Loop.Settle();
        Assert.True(split.IsOut(0));
        Assert.Equal(1, split.Counter("enforced_consecutive_local_origin_failure"));
    }

    [Fact]
    public void A_connection_ends_a_row_of_failures_only_where_nothing_better_follows()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 2 }");
        test.Put(0, 500, 1);
        test.Monitor(0).PutConnected(isFinal: false);
        test.Put(0, 500, 1);
        Assert.True(test.IsOut(0));
        test.Put(1, 500, 1);
        test.Monitor(1).PutConnected(isFinal: true);
        test.Put(1, 500, 1);
        Assert.Equal(0, test.Counter("overflow"));
    }

    [Fact]
    public void Runtime_keys_override_the_numbers()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 5 }", runtime: "{ outlier_detection: { consecutive_5xx: 2, enforcing_consecutive_5xx: 0 } }");
        test.Put(0, 500, 2);
        Assert.Equal((1, 0), (test.Counter("detected_consecutive_5xx"), test.Counter("enforced_total")));
        Assert.False(test.IsOut(0));
    }

    [Fact]
    public void Reports_of_many_threads_eject_once()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 1000 }");
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 300; i++)
                test.Monitor(0).PutStatus(500);
        });
        test.Loop.Settle();
        Assert.True(test.IsOut(0));
        Assert.Equal((1, 1), (test.Counter("detected_consecutive_5xx"), test.Active));
    }

    [Fact]
    public void A_maximum_below_the_base_time_is_refused()
    {
        var test = new TestClusters(new TestLoop().Loop);
        test.Compile("{ name: web, outlier_detection: { base_ejection_time: 10s, max_ejection_time: 5s } }");
        Assert.Contains("outlier_detection.max_ejection_time: outlier detector's max_ejection_time cannot be smaller than base_ejection_time", test.Faults);
    }
}
