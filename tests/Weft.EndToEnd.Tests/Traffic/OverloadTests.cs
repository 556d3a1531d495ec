using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>A proxy that is told how busy it is by a file: what it does about it, and that it recovers.</summary>
public sealed class OverloadTests : IDisposable
{
    private readonly string _pressure = Path.GetTempFileName();

    public OverloadTests() => File.WriteAllText(_pressure, "0.1");

    public void Dispose() => File.Delete(_pressure);

    private Task<WeftProcess> StartAsync(string action, string listener = "") => WeftProcess.StartAsync($$"""
        overload_manager:
          refresh_interval: 0.02s
          resource_monitors:
          - name: load
            typed_config: { "@type": type.googleapis.com/envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig, filename: {{_pressure}} }
          actions:
          - { name: envoy.overload_actions.{{action}}, triggers: [ { name: load, threshold: { value: 0.9 } } ] }

        """ + Server(listener), "--concurrency", "1");

    private static string Server(string listener = "") =>
        Configs.HttpProxy(1, manager: "          append_local_overload: true", routes: "              - { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: fine } } }", listener: listener);

    private Task PressAsync(WeftProcess weft, string action, string pressure, int active)
    {
        // Moved into place: the proxy may be reading the former one.
        File.WriteAllText(_pressure + ".next", pressure);
        File.Move(_pressure + ".next", _pressure, overwrite: true);
        return Wait.Until(async () => await weft.Stat($"overload.envoy.overload_actions.{action}.active") == active, $"{action} {active}", () => weft.Log);
    }

    [Fact]
    public async Task Requests_are_turned_away_while_the_admin_interface_answers()
    {
        await using var weft = await StartAsync("stop_accepting_requests");
        var url = new Uri($"http://127.0.0.1:{await weft.Port("web")}/");
        Assert.Equal("fine", await weft.Http.GetStringAsync(url));
        await PressAsync(weft, "stop_accepting_requests", "0.95", 1);
        using var answer = await weft.Http.GetAsync(url);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "envoy overloaded"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal("true", Assert.Single(answer.Headers.GetValues("x-envoy-local-overloaded")));
        await weft.WaitForStat("http.web.downstream_rq_overload_close", 1);
        await PressAsync(weft, "stop_accepting_requests", "0.2", 0);
        Assert.Equal("fine", await weft.Http.GetStringAsync(url));
    }

    [Fact]
    public async Task A_listener_that_bypasses_the_overload_manager_goes_on()
    {
        await using var weft = await StartAsync("stop_accepting_requests", "    bypass_overload_manager: true");
        await PressAsync(weft, "stop_accepting_requests", "0.95", 1);
        Assert.Equal("fine", await weft.Http.GetStringAsync(new Uri($"http://127.0.0.1:{await weft.Port("web")}/")));
    }

    [Fact]
    public async Task Connections_end_with_their_request()
    {
        await using var weft = await StartAsync("disable_http_keepalive");
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.DoesNotContain("connection: close", await client.ReadUntilAsync("fine"), StringComparison.Ordinal);
        await PressAsync(weft, "disable_http_keepalive", "0.95", 1);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.Contains("connection: close", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await weft.WaitForStat("http.web.downstream_cx_overload_disable_keepalive", 1);
    }

    [Fact]
    public async Task New_connections_are_closed_at_once()
    {
        await using var weft = await StartAsync("reject_incoming_connections");
        await PressAsync(weft, "reject_incoming_connections", "1", 1);
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        Assert.Equal("", await client.ReadToEndAsync());
        await weft.WaitForStat("listener.127.0.0.1_0.downstream_cx_overload_reject", 1);
    }

    [Fact]
    public async Task New_connections_wait_until_the_proxy_is_less_busy()
    {
        await using var weft = await StartAsync("stop_accepting_connections");
        using var old = await RawPeer.ConnectAsync(await weft.Port("web"));
        await old.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await old.ReadUntilAsync("fine");
        await PressAsync(weft, "stop_accepting_connections", "1", 1);
        // The worker was told before the statistic showed it: with this answer it has heard.
        old.Forget();
        await old.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await old.ReadUntilAsync("fine");
        var before = await weft.Stat("http.web.downstream_cx_total");
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await weft.GetAdmin("/ready");
        await weft.ExpectStat("http.web.downstream_cx_total", before);
        await PressAsync(weft, "stop_accepting_connections", "0", 0);
        await client.ReadUntilAsync("fine");
    }

    [Fact]
    public async Task No_more_connections_are_open_than_allowed_and_the_heap_is_measured()
    {
        await using var weft = await WeftProcess.StartAsync("""
            overload_manager:
              refresh_interval: 0.02s
              resource_monitors:
              - name: envoy.resource_monitors.global_downstream_max_connections
                typed_config: { "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig, max_active_downstream_connections: 2 }
              - name: envoy.resource_monitors.fixed_heap
                typed_config: { "@type": type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig, max_heap_size_bytes: 1048576 }

            """ + Server());
        var port = await weft.Port("web");
        using var first = await RawPeer.ConnectAsync(port);
        await first.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await first.ReadUntilAsync("fine");
        using var second = await RawPeer.ConnectAsync(port);
        await second.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await second.ReadUntilAsync("fine");
        using var third = await RawPeer.ConnectAsync(port);
        Assert.Equal("", await third.ReadToEndAsync());
        await weft.WaitForStat("listener.127.0.0.1_0.downstream_global_cx_overflow", 1);
        await weft.WaitForStat("overload.envoy.resource_monitors.fixed_heap.pressure", 100);
    }
}
