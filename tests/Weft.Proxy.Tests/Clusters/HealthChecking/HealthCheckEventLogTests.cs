namespace Weft.Proxy.Tests.Clusters.HealthChecking;

public sealed class HealthCheckEventLogTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Changes_of_health_are_lines_of_JSON()
    {
        using var test = new CheckedCluster($"http_health_check: {{ path: / }}, event_log_path: {_path}");
        var peer = test.Accept();
        peer.Answer("503 Unavailable");
        test.UntilChecked(1);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("200 OK");
        test.UntilChecked(2);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("200 OK", "x-envoy-degraded: 1\r\n");
        test.UntilChecked(3);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("503 Unavailable");
        test.UntilChecked(4);
        var host = $$$"""{"health_checker_type":"HTTP","host":{"socket_address":{"protocol":"TCP","address":"127.0.0.1","port_value":{{{test.Port()}}},"resolver_name":"","ipv4_compat":false}},"cluster_name":"web",""";
        Assert.Equal(
            [
                $$$"""{{{host}}}"timestamp":"1970-01-01T00:16:40Z","health_check_failure_event":{"failure_type":"ACTIVE","first_check":true},"locality":{"region":"","zone":"","sub_zone":""}}""",
                $$$"""{{{host}}}"add_healthy_event":{"first_check":false},"timestamp":"1970-01-01T00:17:00Z","locality":{"region":"","zone":"","sub_zone":""}}""",
                $$$"""{{{host}}}"timestamp":"1970-01-01T00:17:00Z","degraded_healthy_host":{},"locality":{"region":"","zone":"","sub_zone":""}}""",
                $$$"""{{{host}}}"eject_unhealthy_event":{"failure_type":"ACTIVE"},"timestamp":"1970-01-01T00:17:10Z","locality":{"region":"","zone":"","sub_zone":""}}""",
            ],
            Lines(test));
    }

    [Fact]
    public void Every_check_is_told_when_asked_and_a_sink_may_be_an_extension()
    {
        using var test = new CheckedCluster(
            "http_health_check: { path: / }, always_log_health_check_failures: true, always_log_health_check_success: true, "
            + $"event_logger: [ {{ name: file, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.health_check.event_sinks.file.v3.HealthCheckEventFileSink, event_log_path: {_path} }} }} ]");
        var peer = test.Accept();
        peer.Answer("200 OK");
        test.UntilChecked(1);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("200 OK");
        test.UntilChecked(2);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("503 Unavailable");
        test.UntilChecked(3);
        test.Loop.AdvanceMs(10_000);
        peer.Answer("503 Unavailable");
        test.UntilChecked(4);
        string[] expected = ["add_healthy_event", "successful_health_check_event", "eject_unhealthy_event", "health_check_failure_event", "health_check_failure_event"];
        var lines = Lines(test);
        Assert.Equal(expected.Length, lines.Length);
        Assert.All(lines.Zip(expected), pair => Assert.Contains($"\"{pair.Second}\"", pair.First, StringComparison.Ordinal));
    }

    private string[] Lines(CheckedCluster test)
    {
        test.Test.Logs.Dispose();
        return File.ReadAllLines(_path);
    }
}
