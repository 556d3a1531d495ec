using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A server of WebSockets over HTTP/1.1 that sends every message back.</summary>
internal sealed class WebSocketEcho : IDisposable
{
    private readonly ScriptedUpstream _server = new(static (peer, _) => ServeAsync(peer));

    public int Port => _server.Port;

    public void Dispose() => _server.Dispose();

    private static async Task ServeAsync(RawPeer peer)
    {
        var request = await peer.ReadUntilAsync("\r\n\r\n");
        var key = request.Split("\r\n").FirstOrDefault(static line => line.StartsWith("sec-websocket-key: ", StringComparison.OrdinalIgnoreCase));
        var accept = key is null ? "" : $"sec-websocket-accept: {Accept(key["sec-websocket-key: ".Length..])}\r\n";
        await peer.SendAsync($"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n{accept}\r\n");
        using var stream = new NetworkStream(peer.Socket);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, CancellationToken.None);
        }
    }

#pragma warning disable CA5350 // RFC 6455 section 4.2.2 asks for this hash, which protects nothing.
    private static string Accept(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key.Trim() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
