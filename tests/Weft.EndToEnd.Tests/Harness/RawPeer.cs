using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>One end of a TCP connection that speaks byte by byte what a test says, and sees byte by byte what comes.</summary>
internal sealed class RawPeer(Socket socket) : IDisposable
{
    private readonly StringBuilder _received = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    public Socket Socket => socket;

    public static async Task<RawPeer> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawPeer(socket);
    }

    /// <summary>Sends text as Latin-1, so that every byte can be written.</summary>
    public async Task SendAsync(string text) => await socket.SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Everything received, once it contains <paramref name="text"/>; fails when the peer closes before or nothing comes.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        // Only what is new is looked through, and what may have begun before it.
        for (var seen = 0; !_received.ToString(seen, _received.Length - seen).Contains(text, StringComparison.Ordinal);)
        {
            seen = Math.Max(0, _received.Length - text.Length);
            await ReadMoreAsync($"«{text}»");
        }

        return _received.ToString();
    }

    /// <summary>Everything received, once it is so much.</summary>
    public async Task<string> ReadUntilAsync(int length)
    {
        while (_received.Length < length)
            await ReadMoreAsync($"{length} bytes");
        return _received.ToString();
    }

    /// <summary>Everything received, once it is as wanted.</summary>
    public async Task<string> ReadUntilAsync(Func<string, bool> isEnough, string what)
    {
        while (!isEnough(_received.ToString()))
            await ReadMoreAsync(what);

        return _received.ToString();
    }

    /// <summary>Waits for more; fails when the peer closes instead.</summary>
    public async Task ReadMoreAsync(string what = "more")
    {
        if (!await ReceiveAsync())
            throw new EndOfStreamException($"closed before {what} came; received: «{_received}»");
    }

    /// <summary>Everything until the peer closes.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (await ReceiveAsync())
        {
        }

        return _received.ToString();
    }

    /// <summary>What has come so far.</summary>
    public string Received => _received.ToString();

    public void Forget() => _received.Clear();

    /// <summary>Forgets the first <paramref name="count"/> characters of what has come.</summary>
    public void Forget(int count) => _received.Remove(0, count);

    /// <summary>Closes with RST.</summary>
    public void Abort()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose() => socket.Dispose();

    private async Task<bool> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        try
        {
            var count = await socket.ReceiveAsync(_buffer, limit.Token);
            _received.Append(Encoding.Latin1.GetString(_buffer, 0, count));
            return count > 0;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"nothing more came; received: «{_received}»");
        }
    }
}
