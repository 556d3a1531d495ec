using Weft.Proxy.Clusters.OutlierDetection;

namespace Weft.Proxy.Tests.Clusters.OutlierDetection;

public sealed class SuccessRateTests
{
    private const string OnlyRates = "consecutive_5xx: 100000, max_ejection_percent: 100";

    [Fact]
    public void The_threshold_is_the_mean_less_standard_deviations()
    {
        // The example of Envoy's documentation: mean 90, deviation 20.
        Assert.Equal(new SuccessRateThreshold(90, 52), SuccessRateThreshold.Of([50, 100, 100, 100, 100], 1.9));
    }

    [Fact]
    public void An_endpoint_far_below_the_others_is_ejected()
    {
        using var test = new WatchedCluster($"{{ {OnlyRates} }}", endpoints: 5);
        Load(test, worst: 50);
        test.Advance(10);
        Assert.Equal([true, false, false, false, false], Enumerable.Range(0, 5).Select(test.IsOut));
        Assert.Equal((1, 1, 1), (test.Counter("detected_success_rate"), test.Counter("enforced_success_rate"), test.Counter("success_rate")));
        Assert.Equal((90.0, 52.0), (test.Cluster.OutlierDetector!.External.Average, test.Cluster.OutlierDetector.External.Ejection));
        Assert.Equal((50.0, 100.0), (test.Monitor(0).External.SuccessRate, test.Monitor(1).External.SuccessRate));
    }

    [Fact]
    public void Too_few_requests_or_endpoints_decide_nothing()
    {
        using var few = new WatchedCluster($"{{ {OnlyRates}, success_rate_request_volume: 101 }}", endpoints: 5);
        Load(few, worst: 50);
        few.Advance(10);
        Assert.Equal(0, few.Active);
        Assert.Equal(-1, few.Cluster.OutlierDetector!.External.Average);

        using var small = new WatchedCluster($"{{ {OnlyRates}, success_rate_minimum_hosts: 6 }}", endpoints: 5);
        Load(small, worst: 50);
        small.Advance(10);
        Assert.Equal(0, small.Active);
    }

    [Fact]
    public void Requests_of_earlier_intervals_do_not_count()
    {
        using var test = new WatchedCluster($"{{ {OnlyRates}, enforcing_success_rate: 0 }}", endpoints: 5);
        Load(test, worst: 50);
        test.Advance(10);
        Assert.Equal(1, test.Counter("detected_success_rate"));
        Assert.Equal(0, test.Active);
        test.Advance(10);
        Assert.Equal(1, test.Counter("detected_success_rate"));
        Assert.Equal(-1, test.Monitor(0).External.SuccessRate);
    }

    [Fact]
    public void The_factor_moves_the_threshold()
    {
        using var test = new WatchedCluster($"{{ {OnlyRates}, success_rate_stdev_factor: 2100 }}", endpoints: 5);
        Load(test, worst: 50);
        test.Advance(10);
        Assert.Equal(0, test.Active);
    }

    [Fact]
    public void A_percentage_of_failures_ejects_when_enforced()
    {
        using var test = new WatchedCluster($"{{ {OnlyRates}, enforcing_success_rate: 0, enforcing_failure_percentage: 100, failure_percentage_threshold: 50 }}", endpoints: 5);
        Load(test, worst: 50);
        test.Advance(10);
        Assert.True(test.IsOut(0));
        Assert.Equal((1, 1), (test.Counter("enforced_failure_percentage"), test.Active));
    }

    [Fact]
    public void Attempts_to_connect_have_rates_of_their_own()
    {
        using var test = new WatchedCluster($"{{ {OnlyRates}, consecutive_local_origin_failure: 100000, split_external_local_origin_errors: true, enforcing_failure_percentage_local_origin: 100, enforcing_local_origin_success_rate: 0, failure_percentage_threshold: 60 }}", endpoints: 5);
        for (var endpoint = 0; endpoint < 5; endpoint++)
        {
            for (var i = 0; i < 100; i++)
            {
                if (endpoint == 0 && i < 60)
                    test.Monitor(endpoint).PutConnectFailed();
                else
                    test.Monitor(endpoint).PutConnected(isFinal: false);
            }
        }

        test.Advance(10);
        Assert.True(test.IsOut(0));
        Assert.Equal((1, 1), (test.Counter("detected_local_origin_success_rate"), test.Counter("enforced_local_origin_failure_percentage")));
        Assert.Equal((-1.0, 40.0), (test.Monitor(0).External.SuccessRate, test.Monitor(0).LocalOrigin.SuccessRate));
    }

    /// <summary>100 requests each; those of the first endpoint succeed by the given percentage.</summary>
    private static void Load(WatchedCluster test, int worst)
    {
        for (var endpoint = 0; endpoint < 5; endpoint++)
        {
            test.Put(endpoint, 200, endpoint == 0 ? worst : 100);
            if (endpoint == 0)
                test.Put(0, 500, 100 - worst);
        }
    }
}
