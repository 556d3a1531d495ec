using System.Text;
using Weft.Observe.Logs;
using Weft.Observe.Traffic;

namespace Weft.Observe.Tests.Traffic;

public sealed class TrafficTests
{
    private readonly TrafficStore _store = new();

    [Fact]
    public void Rates_and_latencies_are_of_what_came_between_two_scrapes()
    {
        Scrape(Text(100, 10, 100, 100));
        Scrape(Text(300, 30, 200, 300));
        var row = _store.Rows.Single(row => row.Key.Kind == TrafficKind.Cluster);
        Assert.Equal(("front", "a", 300, 100, 10, 2), (row.Key.Proxy, row.Key.Name, row.Total, row.PerSecond, row.ErrorsPerSecond, row.Active));
        Assert.Equal(200, row.LatenciesMs.Count);
        Assert.InRange(row.LatenciesMs.Quantile(0.25), 0, 10);
        Assert.InRange(row.LatenciesMs.Quantile(0.9), 10, 50);
        Assert.Equal([0, 100], row.Rates);
        Assert.Contains(_store.Rows, row => row.Key == new TrafficKey("front", TrafficKind.Listener, "ingress \"http\""));
        Assert.Contains(_store.Rows, row => row.Key == new TrafficKey("front", TrafficKind.Route, "shop/cart"));
    }

    [Fact]
    public void A_proxy_that_started_anew_counts_from_nothing()
    {
        Scrape(Text(1000, 0, 0, 0));
        Scrape(Text(50, 0, 0, 0));
        Assert.Equal(25, _store.Rows.Single(row => row.Key.Kind == TrafficKind.Cluster).PerSecond);
    }

    [Fact]
    public void A_row_goes_when_the_proxy_no_longer_tells_of_it()
    {
        Scrape(Text(1, 0, 0, 0));
        Scrape("envoy_cluster_upstream_rq_total{envoy_cluster_name=\"b\"} 5\n");
        Assert.Equal(["b"], _store.Rows.Select(row => row.Key.Name));
    }

    [Fact]
    public void Access_logs_give_rows_of_routes_which_go_when_they_stay_silent()
    {
        for (var i = 0; i < 10; i++)
            _store.AddRequest("front", new LoggedRequest("cart", "a", i == 0 ? 503 : 200, 20));
        _store.EndLoggedInterval(2);
        var row = _store.Rows.Single(row => row.Key.Kind == TrafficKind.Route);
        Assert.Equal((10, 5, 0.5), (row.Total, row.PerSecond, row.ErrorsPerSecond));
        Assert.InRange(row.LatenciesMs.Quantile(0.5), 19, 21);
        for (var i = 0; i <= TrafficRow.Points; i++)
            _store.EndLoggedInterval(2);
        Assert.Empty(_store.Rows);
    }

    [Fact]
    public void What_a_scrape_counts_is_not_counted_a_second_time_by_logs()
    {
        _store.AddRequest("front", new LoggedRequest("", "a", 200, 20));
        Scrape(Text(100, 0, 0, 0));
        _store.AddRequest("front", new LoggedRequest("", "a", 200, 20));
        _store.EndLoggedInterval(2);
        Assert.Equal(100, _store.Rows.Single(row => row.Key.Kind == TrafficKind.Cluster).Total);
    }

    [Fact]
    public void What_is_no_sample_is_passed_over()
    {
        Scrape("# TYPE x counter\n\nnonsense\nenvoy_cluster_upstream_rq_total{envoy_cluster_name=\n envoy 1\nenvoy_cluster_upstream_rq_total{envoy_cluster_name=\"a\" 5\n");
        Assert.Empty(_store.Rows);
    }

    private void Scrape(string text) => _store.AddScrape("front", ProxyScrape.Read(Encoding.UTF8.GetBytes(text)), 2);

    private static string Text(int total, int errors, int within10, int within50) => $$"""
        # TYPE envoy_cluster_upstream_rq_total counter
        envoy_cluster_upstream_rq_total{envoy_cluster_name="a"} {{total}}
        envoy_cluster_upstream_rq_xx{envoy_response_code_class="5",envoy_cluster_name="a"} {{errors}}
        envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="a"} {{total - errors}}
        envoy_cluster_upstream_rq_active{envoy_cluster_name="a"} 2
        envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="10"} {{within10}}
        envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="50"} {{within50}}
        envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="+Inf"} {{within50}}
        envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="ingress \"http\""} 7
        envoy_vhost_route_upstream_rq_total{envoy_virtual_host="shop",envoy_route="cart"} 3

        """;
}
