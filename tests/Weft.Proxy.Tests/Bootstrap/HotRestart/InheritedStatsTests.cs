using Weft.Base.Stats;
using Weft.Proxy.Bootstrap.HotRestart;

namespace Weft.Proxy.Tests.Bootstrap.HotRestart;

/// <summary>What a predecessor tells of its statistics.</summary>
public sealed class InheritedStatsTests
{
    private readonly StatsStore _stats = new();
    private readonly InheritedStats _inherited;

    public InheritedStatsTests() => _inherited = new InheritedStats(_stats);

    [Fact]
    public void Counters_stay_and_gauges_go_with_the_process_that_counted_them()
    {
        var total = _stats.Scope("http.a.").Counter("downstream_rq_total");
        var active = _stats.Scope("http.a.").Gauge("downstream_rq_active");
        total.Inc();
        active.Inc();
        _inherited.Add("c\t5\thttp.a.\tdownstream_rq_total\ng\t3\thttp.a.\tdownstream_rq_active\n");
        _inherited.Add("g\t-1\thttp.a.\tdownstream_rq_active\nnonsense\n");
        Assert.Equal((6, 3), (total.Value, active.Value));
        _inherited.End();
        Assert.Equal((6, 1), (total.Value, active.Value));
    }

    [Fact]
    public void What_has_no_place_yet_waits_for_it()
    {
        _inherited.Add("c\t5\tcluster.late.\tupstream_rq_total\n");
        _inherited.Add("c\t2\tcluster.late.\tupstream_rq_total\n");
        var total = _stats.Scope("cluster.late.").Counter("upstream_rq_total");
        _inherited.Add("");
        Assert.Equal(7, total.Value);
    }

    [Theory]
    [InlineData("upstream_cx_active", true)]
    [InlineData("worker_0.downstream_cx_active", true)]
    [InlineData("downstream_cx_rx_bytes_buffered", true)]
    [InlineData("membership_total", false)]
    [InlineData("total_listeners_active", false)]
    [InlineData("lb_subsets_active", false)]
    [InlineData("version", false)]
    public void Only_what_belongs_to_one_process_is_added(string name, bool isAdded) => Assert.Equal(isAdded, StatsReport.IsAdded(name));
}
