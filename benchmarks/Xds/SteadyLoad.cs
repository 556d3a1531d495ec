using System.Net;
using Weft.Bench.Load;
using Weft.Net;

namespace Weft.Bench.Xds;

/// <summary>Keep-alive connections to one port, each with its next request as soon as it has its answer. A lost connection is counted and replaced. One thread.</summary>
internal sealed class SteadyLoad : ILoad, IDisposable
{
    private const int BodyBytes = 512;

    private readonly EventLoop _loop;
    private readonly NetAddress _target;
    private readonly byte[] _request;
    private readonly List<HttpClientConnection> _clients = [];
    private bool _isOver;

    public SteadyLoad(EventLoop loop, int port, int connections, string host)
    {
        (_loop, _target) = (loop, NetAddress.FromIP(IPAddress.Loopback, port));
        _request = Messages.Request(BodyBytes, host);
        for (var i = 0; i < connections; i++)
            Connect();
    }

    /// <summary>Requests answered with 200.</summary>
    public long Answered { get; private set; }

    /// <summary>Requests answered otherwise, or not at all.</summary>
    public long Failed { get; private set; }

    /// <summary>How the last of them failed.</summary>
    public string LastFailure { get; private set; } = "";

    /// <summary>The backends that answer such requests.</summary>
    public static int StartBackend(EventLoop loop)
    {
        var backend = new HttpBackend();
        backend.Prepare(BodyBytes);
        var socket = ListenSocket.Bind(NetAddress.FromIP(IPAddress.Loopback, 0), new ListenOptions { ReusePort = false });
        socket.Start(loop, backend);
        return socket.LocalAddress.Port;
    }

    /// <summary>Runs the load.</summary>
    public void Run(double seconds)
    {
        foreach (var client in _clients)
            Begin(client);
        for (var end = _loop.NowUs + (long)(seconds * 1e6); _loop.NowUs < end;)
        {
            _loop.RunTurn(50);
            foreach (var client in _clients)
                Begin(client);
        }
    }

    public void OnResponse(HttpClientConnection client)
    {
        Answered++;
        client.Send(_loop.NowUs);
    }

    public void OnFailed(HttpClientConnection client, string reason)
    {
        if (_isOver || !_clients.Remove(client))
            return;
        (Failed, LastFailure) = (Failed + 1, reason);
        Connect();
    }

    public void Dispose()
    {
        _isOver = true;
        foreach (var client in _clients)
            client.Close();
        _loop.RunTurn(0);
    }

    private void Begin(HttpClientConnection client)
    {
        if (client is { IsConnected: true, IsBusy: false })
            client.Send(_loop.NowUs);
    }

    private void Connect() => _clients.Add(new HttpClientConnection(_loop, _target, BodyBytes, _request, this));
}
