using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.UdpFilters;

/// <summary>A UDP server that answers each datagram with its name and the datagram.</summary>
internal sealed class UdpServer : IDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly List<IPEndPoint> _clients = [];
    private readonly Task _serving;

    public UdpServer(string name) => _serving = Serve(name);

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    /// <summary>Who sent datagrams, in their order.</summary>
    public IReadOnlyList<IPEndPoint> Clients
    {
        get
        {
            lock (_clients)
                return [.. _clients];
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _serving.Wait();
    }

    private async Task Serve(string name)
    {
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync();
                lock (_clients)
                    _clients.Add(received.RemoteEndPoint);
                await _socket.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(name + ":"), .. received.Buffer], received.RemoteEndPoint);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}

/// <summary>Servers in this process with one UDP listener, and clients of it.</summary>
internal static class UdpSite
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <param name="filter">Type, below envoy.extensions.filters.udp, and body of its filter, in flow style.</param>
    /// <param name="clusters">Clusters, in flow style.</param>
    /// <param name="listener">More fields of the listener.</param>
    /// <param name="address">Where it listens.</param>
    public static RunningServer Run(string filter, string clusters = "", string listener = "", string address = "127.0.0.1") => new(BootstrapOf(filter, clusters, listener, address));

    public static string BootstrapOf(string filter, string clusters = "", string listener = "", string address = "127.0.0.1") => $$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          listeners:
          - name: udp
            stat_prefix: datagrams
            address: { socket_address: { protocol: UDP, address: {{address}}, port_value: 0 } }
            {{listener}}
            listener_filters: [ { name: f, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.udp.{{filter}} } } ]
          clusters: [ {{clusters}} ]
        """;

    public static string UdpProxy(string more) => $"udp_proxy.v3.UdpProxyConfig, stat_prefix: test, {more}";

    /// <summary>A cluster of servers on this host.</summary>
    public static string Cluster(string name, params UdpServer[] servers) => Cluster(name, "", servers);

    public static string Cluster(string name, string more, UdpServer[] servers) =>
        $"{{ name: {name}, {more} load_assignment: {{ cluster_name: {name}, endpoints: [ {{ lb_endpoints: [ {string.Join(", ", servers.Select(server => $"{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {server.Port} }} }} }} }}"))} ] }} ] }} }}";

    /// <summary>A client of the listener, as seen from an address of this host.</summary>
    public static UdpClient Client(RunningServer running, string address = "127.0.0.1")
    {
        var client = new UdpClient(AddressFamily.InterNetwork);
        // Only datagrams from there are received.
        client.Connect(IPAddress.Parse(address), running.Listener().Port);
        return client;
    }

    public static async Task<string> Ask(this UdpClient client, string text)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(text));
        return await client.Receive();
    }

    public static async Task<string> Receive(this UdpClient client)
    {
        using var limit = new CancellationTokenSource(Limit);
        return Encoding.ASCII.GetString((await client.ReceiveAsync(limit.Token)).Buffer);
    }
}
