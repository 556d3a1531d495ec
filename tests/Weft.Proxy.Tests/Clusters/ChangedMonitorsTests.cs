using Weft.Config;
using Weft.Proxy.Clusters;
using Weft.Proxy.Tests.Clusters.HealthChecking;
using Weft.Proxy.Tests.Clusters.OutlierDetection;

namespace Weft.Proxy.Tests.Clusters;

/// <summary>Checks and ejection whose settings change while the cluster is in use: what is known of endpoints stays known.</summary>
public sealed class ChangedMonitorsTests
{
    [Fact]
    public void An_ejected_endpoint_stays_out_for_as_long_as_the_new_settings_say()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 2, base_ejection_time: 30s, max_ejection_percent: 50 }");
        test.Put(0, 500, 2);
        Assert.True(test.IsOut(0));

        Change(test.Cluster, test.Test, static cluster => cluster.OutlierDetection.BaseEjectionTime = new() { Seconds = 60 });

        Assert.True(test.IsOut(0));
        Assert.Equal((2, 1), (test.Healthy, test.Active));
        test.Advance(41);
        Assert.True(test.IsOut(0));
        test.Advance(30);
        Assert.False(test.IsOut(0));
        Assert.Equal((3, 0), (test.Healthy, test.Active));
        // The new detector is the one that is told.
        test.Put(1, 500, 2);
        Assert.True(test.IsOut(1));
    }

    [Fact]
    public void Without_detection_nothing_is_ejected()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 2, max_ejection_percent: 50 }");
        test.Put(0, 500, 2);
        Change(test.Cluster, test.Test, static cluster => cluster.OutlierDetection = null!);
        Assert.Equal((3, 0), (test.Healthy, test.Active));
        Assert.Null(test.Endpoint(0).OutlierMonitor);
    }

    [Fact]
    public void Other_settings_leave_checks_and_their_results_alone()
    {
        using var test = new CheckedCluster("tcp_health_check: {}");
        test.StopListening();
        test.UntilChecked(1);
        Assert.True(test.IsInitialized);
        var session = test.First.HealthCheckSession;
        Change(test.Cluster, test.Test, static cluster => cluster.ConnectTimeout = new() { Seconds = 9 });
        Assert.Same(session, test.First.HealthCheckSession);
        Assert.Equal(EndpointHealth.Unhealthy, test.First.Health);
    }

    [Fact]
    public void New_checks_begin_with_what_the_former_ones_found_out()
    {
        using var test = new CheckedCluster("tcp_health_check: {}");
        test.Accept();
        test.UntilChecked(1);
        Assert.Equal((EndpointHealth.Healthy, 1), (test.First.Health, test.Gauge("healthy")));
        test.StopListening();

        Change(test.Cluster, test.Test, static cluster => cluster.HealthChecks[0].Interval = new() { Seconds = 3 });

        Assert.Equal((EndpointHealth.Healthy, 1), (test.First.Health, test.Gauge("healthy")));
        test.UntilChecked(2);
        Assert.Equal(EndpointHealth.Healthy, test.First.Health);
        test.Loop.AdvanceMs(3_001);
        test.UntilChecked(3);
        Assert.Equal((EndpointHealth.Unhealthy, 0), (test.First.Health, test.Gauge("healthy")));
    }

    [Fact]
    public void Without_checks_nothing_has_failed_them()
    {
        using var test = new CheckedCluster("tcp_health_check: {}");
        test.StopListening();
        test.UntilChecked(1);
        Assert.Equal(EndpointHealth.Unhealthy, test.First.Health);
        Change(test.Cluster, test.Test, static cluster => cluster.HealthChecks.Clear());
        Assert.Equal((EndpointHealth.Healthy, 1), (test.First.Health, test.Cluster.Endpoints.Priorities[0].Healthy.Length));
        Assert.Null(test.First.HealthCheckSession);
    }

    private static void Change(Cluster cluster, TestClusters test, Action<Envoy.Config.Cluster.V3.Cluster> change)
    {
        var source = cluster.Written.Message.Clone();
        change(source);
        var config = new ConfigContext();
        Assert.True(cluster.TryUpdate(source, test.Context.For(config)), string.Join('\n', config.Findings.Errors));
    }
}
