using System.Net;
using System.Net.Sockets;

namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>A listening socket in front of which a test decides everything.</summary>
internal sealed class TestUpstream : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <param name="yaml">More fields of its LbEndpoint, in flow style.</param>
    public TestUpstream(string yaml = "")
    {
        Yaml = yaml;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen();
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    public string Yaml { get; }

    public int Port { get; }

    /// <summary>As configuration has it.</summary>
    public string Address => $"{{ socket_address: {{ address: 127.0.0.1, port_value: {Port} }} }}";

    /// <summary>Further addresses of the same endpoint.</summary>
    public TestUpstream[] Others { get; init; } = [];

    public bool HasConnection => _socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Nobody listens any more: connections are refused.</summary>
    public TestUpstream Refusing()
    {
        _socket.Dispose();
        return this;
    }

    public TestPeer Accept(RouterBench bench)
    {
        bench.Until(() => HasConnection);
        return bench.Own(new TestPeer(bench, _socket.Accept()));
    }

    public void Dispose() => _socket.Dispose();
}
