using System.Net;
using System.Net.Sockets;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>An upstream whose every byte a test decides: each accepted connection is handed to its script.</summary>
internal sealed class ScriptedUpstream : IDisposable
{
    private readonly Socket _listener;
    private readonly Func<RawPeer, int, Task> _script;
    private int _connections;

    /// <summary>Listens on a loopback port of the kernel's choice.</summary>
    /// <param name="script">Runs for each connection, with its number from 1.</param>
    public ScriptedUpstream(Func<RawPeer, int, Task> script)
        : this(script, ListenOn(new IPEndPoint(IPAddress.Loopback, 0)))
    {
    }

    /// <param name="script">Runs for each connection, with its number from 1.</param>
    /// <param name="listener">Where it accepts; it listens already.</param>
    public ScriptedUpstream(Func<RawPeer, int, Task> script, Socket listener)
    {
        (_script, _listener) = (script, listener);
        _ = AcceptAsync();
    }

    /// <summary>The script of a server that answers every request without a body with <c>ok</c>.</summary>
    public static async Task AnswerOkAsync(RawPeer peer, int number)
    {
        while (true)
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            peer.Forget();
            await peer.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Answers every request, on kept connections, with one fixed response.</summary>
    public static ScriptedUpstream Answering(string response) => new(async (peer, _) =>
    {
        try
        {
            while (true)
            {
                await peer.ReadUntilAsync("\r\n\r\n");
                peer.Forget();
                await peer.SendAsync(response);
            }
        }
        catch (EndOfStreamException)
        {
        }
    });

    /// <summary>An ordinary 200 with a body.</summary>
    public static string Ok(string body) => $"HTTP/1.1 200 OK\r\ncontent-length: {body.Length}\r\n\r\n{body}";

    public static Socket ListenOn(EndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(address);
        socket.Listen(512);
        return socket;
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }

            if (socket.AddressFamily != AddressFamily.Unix)
                socket.NoDelay = true;
            var number = Interlocked.Increment(ref _connections);
            _ = RunAsync(new RawPeer(socket), number);
        }
    }

    private async Task RunAsync(RawPeer peer, int number)
    {
        using (peer)
        {
            try
            {
                await _script(peer, number);
            }
            catch (Exception error) when (error is SocketException or EndOfStreamException or TimeoutException or ObjectDisposedException)
            {
            }
        }
    }
}
