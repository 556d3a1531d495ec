using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Clusters;

public sealed class SharedTests
{
    [Fact]
    public void Equal_objects_made_one_after_the_other_become_one()
    {
        var first = Shared<Options>.Of(new Options(1));
        Assert.Same(first, Shared<Options>.Of(new Options(1)));
        var other = Shared<Options>.Of(new Options(2));
        Assert.Equal(2, other.Number);
        Assert.Equal(1, Shared<Options>.Of(new Options(1)).Number);
    }

    [Fact]
    public void Clusters_keep_their_own_statistics_and_limits_whatever_they_share()
    {
        var test = new TestClusters();
        var (one, other) = (test.Compile("name: one"), test.Compile("name: other\nconnect_timeout: 1s\ncommon_lb_config: { healthy_panic_threshold: { value: 10 } }"));
        Assert.Empty(test.Faults);
        Assert.NotSame(one.CircuitBreakers, other.CircuitBreakers);
        Assert.Equal((50, 10), (one.LoadBalancing.PanicThresholdPercent, other.LoadBalancing.PanicThresholdPercent));
        one.CircuitBreakers.Default.Requests.Acquire();
        Assert.Equal(0, other.CircuitBreakers.Default.Requests.Current);
    }

    private sealed record Options(int Number);
}
