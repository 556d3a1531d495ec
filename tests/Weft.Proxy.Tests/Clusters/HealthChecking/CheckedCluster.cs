using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Clusters.HealthChecking;

/// <summary>A static cluster whose endpoints are listening sockets of the test, with a health check, on a loop whose clock the test moves.</summary>
internal sealed class CheckedCluster : IDisposable
{
    private readonly List<TcpListener> _listeners = [];

    /// <param name="check">Fields of the health check, YAML flow style, besides timeout 1 s, interval 10 s and thresholds of 2.</param>
    /// <param name="cluster">More fields of the cluster, YAML.</param>
    public CheckedCluster(string check, int endpoints = 1, string cluster = "", string endpoint = "")
    {
        for (var i = 0; i < endpoints; i++)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            _listeners.Add(listener);
        }

        Test = new TestClusters(Loop.Loop);
        var addresses = string.Join(",\n", Enumerable.Range(0, endpoints).Select(i =>
            $"          {{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {Port(i)} }} }} {endpoint} }} }}"));
        var config = Test.Compile($$"""
            name: web
            health_checks:
            - { timeout: 1s, interval: 10s, unhealthy_threshold: 2, healthy_threshold: 2, {{check}} }
            {{cluster}}
            load_assignment:
              cluster_name: web
              endpoints:
              - lb_endpoints: [
            {{addresses}} ]
            """);
        Assert.Empty(Test.Faults);
        // As if there had been traffic, or the interval would be that of an unused cluster.
        config.Stats.UpstreamCxTotal.Inc();
        Cluster = Loop.Own(Cluster.Create(config, Test.Context));
        Cluster.Start(() => IsInitialized = true);
    }

    public TestLoop Loop { get; } = new();

    public TestClusters Test { get; }

    public Cluster Cluster { get; }

    public bool IsInitialized { get; private set; }

    public Endpoint First => Cluster.Endpoints.Priorities[0].All[0];

    public EndpointHealthFlags Flags => First.HealthFlags;

    public int Port(int index = 0) => ((IPEndPoint)_listeners[index].LocalEndpoint).Port;

    public long Counter(string name) => Test.Counter("web", "health_check." + name);

    public long Gauge(string name) => Test.Gauge("web", "health_check." + name);

    /// <summary>The next connection to an endpoint.</summary>
    public CheckPeer Accept(int index = 0)
    {
        Loop.Until(_listeners[index].Pending);
        return Loop.Own(new CheckPeer(this, _listeners[index].AcceptSocket()));
    }

    /// <summary>The next connection to an endpoint, which is to speak HTTP/2.</summary>
    public Http2CheckPeer AcceptHttp2()
    {
        Loop.Until(_listeners[0].Pending);
        return new Http2CheckPeer(this, _listeners[0].AcceptSocket());
    }

    /// <summary>No connection is made in the turns that follow.</summary>
    public void ExpectNoCheck(int index = 0)
    {
        Loop.Settle();
        Assert.False(_listeners[index].Pending());
    }

    /// <summary>Ends an endpoint: connections to it are refused.</summary>
    public void StopListening(int index = 0) => _listeners[index].Stop();

    /// <summary>Turns until a number of checks have ended.</summary>
    public void UntilChecked(int count)
    {
        Loop.Until(() => Counter("success") + Counter("failure") == count);
        Loop.Settle();
    }

    public void Dispose()
    {
        foreach (var listener in _listeners)
            listener.Dispose();
        Loop.Dispose();
    }
}

/// <summary>The endpoint's end of a connection.</summary>
internal sealed class CheckPeer(CheckedCluster cluster, Socket socket) : IDisposable
{
    private readonly byte[] _buffer = new byte[4096];

    /// <summary>What has come, once it contains a text.</summary>
    public string Read(string until)
    {
        var received = "";
        cluster.Loop.Until(() =>
        {
            if (socket.Available > 0)
                received += Encoding.Latin1.GetString(_buffer, 0, socket.Receive(_buffer));
            return received.Contains(until, StringComparison.Ordinal);
        });
        return received;
    }

    public void Send(string text) => socket.Send(Encoding.Latin1.GetBytes(text));

    /// <summary>Reads a request and answers it.</summary>
    public string Answer(string status, string headers = "", string body = "")
    {
        var request = Read("\r\n\r\n");
        Send($"HTTP/1.1 {status}\r\ncontent-length: {body.Length}\r\n{headers}\r\n{body}");
        return request;
    }

    /// <summary>The checker has closed the connection.</summary>
    public void ExpectClosed()
    {
        cluster.Loop.Until(() => socket.Poll(0, SelectMode.SelectRead));
        Assert.Equal(0, socket.Available);
    }

    public void Dispose() => socket.Dispose();
}
