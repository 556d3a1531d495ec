using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>One end of a connection.</summary>
internal sealed class TestPeer(RouterBench bench, Socket socket) : IDisposable
{
    private string _received = "";

    public void Send(string text) => socket.Send(Encoding.Latin1.GetBytes(text));

    /// <summary>A complete response, after which the connection is closed, so that another attempt needs another one.</summary>
    public void Fail(int status = 503, params string[] headers)
    {
        Answer(status, "", [.. headers, "connection: close"]);
        AssertEnds();
    }

    /// <summary>A complete response; its body is the text.</summary>
    public void Answer(int status, string body = "", params string[] headers) =>
        Send($"HTTP/1.1 {status} X\r\ncontent-length: {body.Length}\r\n{string.Concat(headers.Select(static line => line + "\r\n"))}\r\n{body}");

    /// <summary>A head, and the body that its content-length tells of.</summary>
    public string Read()
    {
        var head = ReadUntil("\r\n\r\n");
        var length = head.Split("\r\n").FirstOrDefault(static line => line.StartsWith("content-length: ", StringComparison.Ordinal));
        return length is null ? head : head + ReadCount(int.Parse(length["content-length: ".Length..], CultureInfo.InvariantCulture));
    }

    /// <summary>Everything up to and with this text.</summary>
    public string ReadUntil(string end)
    {
        Fill(() => _received.Contains(end, StringComparison.Ordinal));
        return Take(_received.IndexOf(end, StringComparison.Ordinal) + end.Length);
    }

    public string ReadCount(int count)
    {
        Fill(() => _received.Length >= count);
        return Take(count);
    }

    /// <summary>The peer has closed, in order or with a reset.</summary>
    public void AssertEnds() => bench.Until(() =>
    {
        if (!socket.Poll(0, SelectMode.SelectRead))
            return false;
        try
        {
            return socket.Receive(new byte[4096]) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    });

    /// <summary>What has come so far, without waiting; null after the peer has closed.</summary>
    public string? Peek()
    {
        var buffer = new byte[64 * 1024];
        while (socket.Poll(0, SelectMode.SelectRead))
        {
            try
            {
                if (socket.Receive(buffer) is > 0 and var count)
                    _received += Encoding.Latin1.GetString(buffer, 0, count);
                else
                    return null;
            }
            catch (SocketException)
            {
                return null;
            }
        }

        return _received;
    }

    public void Forget() => _received = "";

    public bool HasNothing()
    {
        bench.Settle();
        return _received.Length == 0 && !socket.Poll(0, SelectMode.SelectRead);
    }

    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with RST.</summary>
    public void Abort()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose() => socket.Dispose();

    private void Fill(Func<bool> isEnough)
    {
        var buffer = new byte[64 * 1024];
        while (!isEnough())
        {
            bench.Until(() => socket.Poll(0, SelectMode.SelectRead));
            var count = socket.Receive(buffer);
            Assert.True(count > 0, $"closed after «{_received}»");
            _received += Encoding.Latin1.GetString(buffer, 0, count);
        }
    }

    private string Take(int count)
    {
        var taken = _received[..count];
        _received = _received[count..];
        return taken;
    }
}
