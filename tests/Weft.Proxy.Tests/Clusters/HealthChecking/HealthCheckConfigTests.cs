namespace Weft.Proxy.Tests.Clusters.HealthChecking;

public sealed class HealthCheckConfigTests
{
    private const string Common = "timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1";

    [Theory]
    [InlineData("http_health_check: { path: /, expected_statuses: [ { start: 300, end: 300 } ] }", "Invalid http expected status range: expecting start < end, but found start=300 and end=300")]
    [InlineData("http_health_check: { path: /, expected_statuses: [ { start: 99, end: 300 } ] }", "Invalid http expected status range: expecting start >= 100, but found start=99")]
    [InlineData("http_health_check: { path: /, retriable_statuses: [ { start: 500, end: 601 } ] }", "Invalid http retriable status range: expecting end <= 600, but found end=601")]
    [InlineData("http_health_check: { path: /, send: { text: \"00\" } }", "HTTP health check cannot specify a request payload with method 'GET'. Only methods that support a request body (POST, PUT, PATCH, OPTIONS) can be used with payload.")]
    [InlineData("http_health_check: { path: /, response_buffer_size: 1, receive: [ { text: \"0000\" } ] }", "The expected response length '2' is over than http health response buffer size '1'")]
    [InlineData("tcp_health_check: { send: { text: \"0\" } }", "invalid hex string '0'")]
    [InlineData("tcp_health_check: { receive: [ { text: \"zz\" } ] }", "invalid hex string 'zz'")]
    [InlineData("custom_health_check: { name: mine }", "Didn't find a registered implementation for name: 'mine'")]
    public void A_faulty_check_is_refused_in_Envoys_words(string check, string text)
    {
        var test = new TestClusters();
        test.Compile($"{{ name: web, health_checks: [ {{ {Common}, {check} }} ] }}");
        Assert.Contains(test.Faults, fault => fault.EndsWith(text, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_one_check_is_allowed()
    {
        var test = new TestClusters();
        test.Compile($"{{ name: web, health_checks: [ {{ {Common}, tcp_health_check: {{}} }}, {{ {Common}, tcp_health_check: {{}} }} ] }}");
        Assert.Contains("health_checks: Multiple health checks not supported", test.Faults);
    }

    [Fact]
    public void A_unix_socket_has_no_other_port_to_be_checked_at()
    {
        var test = new TestClusters();
        test.Compile("{ name: web, load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [ { endpoint: { address: { pipe: { path: /s } }, health_check_config: { port_value: 1 } } } ] } ] } }");
        Assert.Contains(test.Faults, fault => fault.Contains("non-zero port for non-IP address", StringComparison.Ordinal));
    }
}
