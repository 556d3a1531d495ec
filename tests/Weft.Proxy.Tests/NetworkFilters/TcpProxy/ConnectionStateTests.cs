using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.Listeners;

namespace Weft.Proxy.Tests.NetworkFilters.TcpProxy;

/// <summary>What filters in front say to tcp_proxy about one connection, through filter state.</summary>
public sealed class ConnectionStateTests : IDisposable
{
    private readonly TcpListener _upstream = new(IPAddress.Loopback, 0);

    public ConnectionStateTests() => _upstream.Start();

    public void Dispose() => _upstream.Dispose();

    private RunningServer Run(string key, string value, string proxy)
    {
        var set = "{ name: s, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.network.set_filter_state.v3.Config, on_new_connection: [ "
            + $"{{ object_key: {key}, format_string: {{ text_format_source: {{ inline_string: '{value}' }} }} }} ] }} }}";
        var tcp = $"{{ name: t, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: web, cluster: web, {proxy} }} }}";
        var clusters = $"clusters: [ {{ name: web, load_assignment: {{ cluster_name: web, endpoints: [ {{ lb_endpoints: [ {{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {((IPEndPoint)_upstream.LocalEndpoint).Port} }} }} }} }} ] }} ] }} }} ]";
        return new RunningServer(TestListener.BootstrapOf("", [$"filters: [ {set}, {tcp} ]"], clusters));
    }

    [Fact]
    public async Task A_connection_can_have_an_idle_timeout_of_its_own()
    {
        using var running = Run("envoy.tcp_proxy.per_connection_idle_timeout_ms", "30", "idle_timeout: 3600s");
        Assert.Equal("", await TestListener.Send(running, ""));
        await TestListener.ExpectStat(running, "tcp.web.idle_timeout", 1);
    }

    [Theory]
    [InlineData("true", "hello")]
    [InlineData("false", "CONNECT")]
    public async Task A_connection_can_be_carried_without_the_tunnel(string disabled, string first)
    {
        using var running = Run("envoy.tcp_proxy.disable_tunneling", disabled, "tunneling_config: { hostname: 'a:1' }");
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        await client.GetStream().WriteAsync("hello there"u8.ToArray());
        using var upstream = await _upstream.AcceptTcpClientAsync();
        var received = new byte[first.Length];
        await upstream.GetStream().ReadExactlyAsync(received);
        Assert.Equal(first, Encoding.ASCII.GetString(received));
    }
}
