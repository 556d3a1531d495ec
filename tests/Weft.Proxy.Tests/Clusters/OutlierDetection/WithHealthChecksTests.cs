using Weft.Proxy.Clusters;
using Weft.Proxy.Tests.Clusters.HealthChecking;

namespace Weft.Proxy.Tests.Clusters.OutlierDetection;

public sealed class WithHealthChecksTests
{
    [Theory]
    [InlineData("true", EndpointHealthFlags.None)]
    [InlineData("false", EndpointHealthFlags.FailedOutlierCheck)]
    public void A_successful_check_ends_an_ejection_unless_told_otherwise(string unejects, EndpointHealthFlags after)
    {
        using var test = new CheckedCluster(
            "http_health_check: { path: / }", cluster: $"outlier_detection: {{ consecutive_5xx: 1, base_ejection_time: 100s, successful_active_health_check_uneject_host: {unejects} }}");
        var peer = test.Accept();
        peer.Answer("200 OK");
        test.UntilChecked(1);
        test.First.OutlierMonitor!.PutStatus(500);
        test.Loop.Settle();
        Assert.Equal(EndpointHealthFlags.FailedOutlierCheck, test.Flags);
        Assert.Empty(test.Cluster.Endpoints.Priorities[0].Healthy);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("200 OK");
        test.UntilChecked(2);
        Assert.Equal(after, test.Flags);
    }
}
