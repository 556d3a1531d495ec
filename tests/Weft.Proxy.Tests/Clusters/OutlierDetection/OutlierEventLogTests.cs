namespace Weft.Proxy.Tests.Clusters.OutlierDetection;

public sealed class OutlierEventLogTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Ejections_and_returns_are_lines_of_JSON()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 1, base_ejection_time: 10s }", log: _path);
        test.Put(0, 500, 1);
        test.Advance(10);
        test.Put(0, 500, 1);
        Assert.Equal(
            [
                """{"type":"CONSECUTIVE_5XX","timestamp":"1970-01-01T00:16:40Z","cluster_name":"web","upstream_url":"10.0.0.1:80","action":"EJECT","num_ejections":1,"enforced":true,"eject_consecutive_event":{}}""",
                """{"type":"CONSECUTIVE_5XX","timestamp":"1970-01-01T00:16:50Z","secs_since_last_action":"10","cluster_name":"web","upstream_url":"10.0.0.1:80","action":"UNEJECT","num_ejections":1,"enforced":false}""",
                """{"type":"CONSECUTIVE_5XX","timestamp":"1970-01-01T00:16:50Z","secs_since_last_action":"0","cluster_name":"web","upstream_url":"10.0.0.1:80","action":"EJECT","num_ejections":2,"enforced":true,"eject_consecutive_event":{}}""",
            ],
            Lines(test));
    }

    [Fact]
    public void An_ejection_by_success_rate_tells_the_rates_and_what_is_not_enforced_is_told_too()
    {
        using var test = new WatchedCluster("{ consecutive_5xx: 1000, enforcing_success_rate: 0 }", endpoints: 5, log: _path);
        for (var i = 0; i < 5; i++)
            test.Put(i, 200, i == 0 ? 50 : 100);
        test.Put(0, 500, 50);
        test.Advance(10);
        var line = Assert.Single(Lines(test));
        Assert.Contains("\"type\":\"SUCCESS_RATE\"", line, StringComparison.Ordinal);
        Assert.Contains("\"enforced\":false,\"eject_success_rate_event\":{\"host_success_rate\":50,\"cluster_average_success_rate\":90,\"cluster_success_rate_ejection_threshold\":52}", line, StringComparison.Ordinal);
    }

    private string[] Lines(WatchedCluster test)
    {
        test.Test.Logs.Dispose();
        return File.ReadAllLines(_path);
    }
}
