using System.Text;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Connections that the kernel redirects to the proxy (REDIRECT, TPROXY), and filter chains by where clients come from.</summary>
public sealed class OriginalDestinationTests
{
    // Whose connections are redirected, in the first test: the proxy runs as another user.
    private const string User = "65534";

    [RedirectFact]
    public async Task Redirected_connections_go_where_they_were_on_their_way_to_or_to_the_listener_of_that_address()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.5.2");
        network.AddHost("server1", "172.31.5.11").AddWebServer(8080);
        var second = network.AddHost("server2", "172.31.5.12");
        second.AddWebServer(8080);
        second.AddWebServer(8081);
        await using var weft = await WeftProcess.StartOnAsync(client, "OriginalDestination/redirect.yaml");
        client.Run($"iptables -t nat -A OUTPUT -p tcp --dport 8080:8081 -m owner --uid-owner {User} -j REDIRECT --to-ports 15001");

        // Nothing is known of these addresses but what the kernel says.
        Assert.Contains("ClientIP: 172.31.5.2, ServerName: server1, ServerIP: 172.31.5.11", await Curl(client, "http://172.31.5.11:8080/"), StringComparison.Ordinal);
        Assert.Contains("ServerName: server2, ServerIP: 172.31.5.12", await Curl(client, "http://172.31.5.12:8080/"), StringComparison.Ordinal);
        await weft.ExpectStat("tcp.passthrough.downstream_cx_total", 2);

        // One listener has this address, another one has every address with this port.
        Assert.Equal("exact\n", await Curl(client, "http://172.31.5.11:8081/"));
        var answer = await Curl(client, "-i", "http://172.31.5.12:8081/");
        Assert.Contains("x-destination: 172.31.5.12:8081\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("ServerName: server2, ServerIP: 172.31.5.12", answer, StringComparison.Ordinal);
        await weft.ExpectStat("tcp.passthrough.downstream_cx_total", 2);
        await Wait.Until(async () => await weft.Stat("listener.0.0.0.0_15001.downstream_cx_active") == 0 && await weft.Stat("listener.0.0.0.0_8081.downstream_cx_active") == 0, "the connections' end");
        await weft.ExpectStat("listener.0.0.0.0_15001.downstream_cx_total", 2);
        await weft.ExpectStat("listener.172.31.5.11_8081.downstream_cx_total", 1);
        await weft.ExpectStat("listener.0.0.0.0_8081.downstream_cx_total", 1);
    }

    [RedirectFact]
    public async Task A_transparent_proxy_is_seen_by_neither_side()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "10.81.0.2");
        var gateway = network.AddHost("gateway", "10.81.0.1", "10.82.0.1");
        var server = network.AddHost("server", "10.82.0.3");
        server.AddWebServer(8080);
        server.AddWebServer(8090);
        client.Run("ip route add 10.82.0.0/16 via 10.81.0.1");
        server.Run("ip route add default via 10.82.0.1");
        await using var weft = await WeftProcess.StartOnAsync(gateway, "OriginalDestination/tproxy.yaml");
        gateway.Run(
            "ip rule add fwmark 1 lookup 100",
            "ip route add local 0.0.0.0/0 dev lo table 100",
            // Answers to connections that the proxy has made from clients' addresses come back to it.
            "iptables -t mangle -A PREROUTING -p tcp -m socket --transparent -j MARK --set-mark 1",
            "iptables -t mangle -A PREROUTING -p tcp --dport 8080 -m mark --mark 0 -j TPROXY --on-port 15001 --tproxy-mark 1",
            "iptables -t mangle -A PREROUTING -p tcp --dport 8090 -m mark --mark 0 -j TPROXY --on-port 15002 --tproxy-mark 1",
            "iptables -t mangle -A OUTPUT -p tcp -m mark --mark 2 -j ACCEPT");

        Assert.Contains("ClientIP: 10.81.0.2, ServerName: server, ServerIP: 10.82.0.3", await client.Curl("http://10.82.0.3:8080/"), StringComparison.Ordinal);
        await weft.ExpectStat("tcp.tcp.downstream_cx_total", 1);

        // Two clients behind a proxy that is believed: each has connections of its own.
        Assert.Contains("ClientIP: 10.83.0.7, ", await client.Curl("-H", "x-forwarded-for: 10.83.0.7", "http://10.82.0.3:8090/"), StringComparison.Ordinal);
        Assert.Contains("ClientIP: 10.83.0.8, ", await client.Curl("-H", "x-forwarded-for: 10.83.0.8", "http://10.82.0.3:8090/"), StringComparison.Ordinal);
        Assert.Contains("ClientIP: 10.83.0.7, ", await client.Curl("-H", "x-forwarded-for: 10.83.0.7", "http://10.82.0.3:8090/"), StringComparison.Ordinal);
        var marked = Shell.Run("ip", ["netns", "exec", gateway.Namespace, Shell.PathOf("iptables"), "-t", "mangle", "-L", "OUTPUT", "-v", "-x", "-n"]);
        Assert.Matches(@"\n +[1-9][0-9]* .*ACCEPT .*mark match 0x2", marked);
    }

    [RedirectFact]
    public async Task Over_IPv6_a_server_sees_the_clients_address_and_its_port()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "fd00:81::2");
        var gateway = network.AddHost("gateway", "fd00:81::1", "fd00:82::1");
        var server = network.AddHost("server", "fd00:82::3");
        using var tells = new ScriptedUpstream(async (peer, _) => await peer.SendAsync($"{peer.Socket.RemoteEndPoint} at {peer.Socket.LocalEndPoint}"), server.Listen(8080));
        client.Run("ip -6 route add fd00:82::/64 via fd00:81::1");
        server.Run("ip -6 route add default via fd00:82::1");
        await using var weft = await WeftProcess.StartOnAsync(gateway, "OriginalDestination/tproxy6.yaml");
        gateway.Run(
            "ip -6 rule add fwmark 1 lookup 100",
            "ip -6 route add local ::/0 dev lo table 100",
            "ip6tables -t mangle -A PREROUTING -p tcp -m socket --transparent -j MARK --set-mark 1",
            "ip6tables -t mangle -A PREROUTING -p tcp --dport 8080 -m mark --mark 0 -j TPROXY --on-port 15001 --tproxy-mark 1",
            "ip6tables -t mangle -A OUTPUT -p tcp -m mark --mark 2 -j ACCEPT");

        Assert.Equal("[fd00:81::2]:4712 at [fd00:82::3]:8080", await client.ReadFrom("fd00:82::3", 8080, fromPort: 4712));
        await weft.ExpectStat("tcp.tcp.downstream_cx_total", 1);
        var marked = Shell.Run("ip", ["netns", "exec", gateway.Namespace, Shell.PathOf("ip6tables"), "-t", "mangle", "-L", "OUTPUT", "-v", "-x", "-n"]);
        Assert.Matches(@"\n +[1-9][0-9]* .*ACCEPT .*mark match 0x2", marked);
    }

    [RedirectFact]
    public async Task Datagrams_reach_the_server_from_the_clients_own_address_and_answers_come_back()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "10.81.0.2");
        var gateway = network.AddHost("gateway", "10.81.0.1", "10.82.0.1");
        var server = network.AddHost("server", "10.82.0.3");
        server.Run("ip route add default via 10.82.0.1");
        await using var weft = await WeftProcess.StartOnAsync(gateway, "OriginalDestination/udp.yaml");
        gateway.Run(
            "ip rule add fwmark 1 lookup 100",
            "ip route add local 0.0.0.0/0 dev lo table 100",
            "iptables -t mangle -A PREROUTING -p udp -m socket --transparent -j MARK --set-mark 1");

        using var limit = new CancellationTokenSource(Patience.Limit);
        using var served = server.BindUdp(6000);
        using var asking = client.BindUdp();
        await asking.SendAsync("question"u8.ToArray(), "10.81.0.1", 5000, limit.Token);
        var question = await served.ReceiveAsync(limit.Token);
        Assert.Equal(("question", "10.81.0.2"), (Encoding.ASCII.GetString(question.Buffer), question.RemoteEndPoint.Address.ToString()));
        await served.SendAsync("answer"u8.ToArray(), question.RemoteEndPoint, limit.Token);
        var answer = await asking.ReceiveAsync(limit.Token);
        Assert.Equal(("answer", "10.81.0.1:5000"), (Encoding.ASCII.GetString(answer.Buffer), answer.RemoteEndPoint.ToString()));
    }

    [NetnsFact]
    public async Task Filter_chains_are_chosen_by_where_a_client_comes_from_and_what_it_wants()
    {
        using var network = new TestNetwork();
        var host = network.AddHost("weft", "172.31.6.10", "172.31.6.20");
        var client = network.AddHost("client", "172.31.6.2");
        var other = network.AddHost("other", "172.31.6.3");
        await using var weft = await WeftProcess.StartOnAsync(host, "OriginalDestination/sources.yaml");

        // A connection from an address to itself, and one from the loopback.
        Assert.Equal("same host", await host.ReadFrom("172.31.6.10", 80));
        Assert.Equal("same host", await host.ReadFrom("127.0.0.1", 80));
        Assert.Equal("that client", await client.ReadFrom("172.31.6.10", 80));
        Assert.Equal("that client's port 4711", await client.ReadFrom("172.31.6.10", 80, fromPort: 4711));
        Assert.Equal("the other client", await other.ReadFrom("172.31.6.10", 80));
        // The destination's address goes before the source's.
        Assert.Equal("second address", await client.ReadFrom("172.31.6.20", 80));

        host.Run("ip addr add 172.31.99.99/32 dev eth0");
        Assert.Equal("by then mine", await client.ReadFrom("172.31.99.99", 81));
    }

    private static async Task<string> Curl(NetworkHost host, params string[] arguments)
    {
        var (code, output, error) = await Shell.RunAsync("ip",
            ["netns", "exec", host.Namespace, Shell.PathOf("setpriv"), "--reuid", User, "--regid", User, "--clear-groups", Shell.PathOf("curl"), "-sS", "--max-time", "120", "--noproxy", "*", .. arguments]);
        Assert.True(code == 0, error);
        return output;
    }
}
