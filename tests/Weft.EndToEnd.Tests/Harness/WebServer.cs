using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>
/// The application of the scenarios: HTTP/1.1, with capitals in its header names and a <c>Server</c> of its own, so that what a proxy
/// changes is seen. It runs within the test, on a socket that listens on a host.
/// </summary>
internal sealed class WebServer : IDisposable
{
    private readonly ScriptedUpstream _upstream;
    private readonly string _name;
    private readonly string _version;
    private readonly List<string> _requests = [];

    public WebServer(Socket listener, string name, string version)
    {
        (_name, _version) = (name, version);
        _upstream = new ScriptedUpstream(ServeAsync, listener);
    }

    /// <summary>What <c>/livez</c> says: 200 while it is <c>OK</c>, else 506. <c>POST livez=FAIL</c> changes it.</summary>
    public string Livez { get; set; } = "OK";

    /// <summary>What every answer waits for.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public int Connections => _upstream.Connections;

    /// <summary>The heads of all requests so far, byte for byte.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public void Dispose() => _upstream.Dispose();

    private async Task ServeAsync(RawPeer peer, int number)
    {
        while (true)
        {
            var head = await peer.ReadUntilAsync("\r\n\r\n");
            if (head.StartsWith("POST /livez ", StringComparison.Ordinal))
                Livez = (await ReadFormAsync(peer, head)).Replace("livez=", "", StringComparison.Ordinal);
            peer.Forget();
            lock (_requests)
                _requests.Add(head);
            await Hold;
            await peer.SendAsync(Answer(head, peer.Socket));
        }
    }

    private string Answer(string head, Socket socket)
    {
        var path = head.Split(' ')[1].Split('?')[0];
        var body = path switch
        {
            "/hostname" => $"ServerName: {_name}\n",
            "/livez" => Livez,
            "/version" => $"{_version}\n",
            _ => $"Weft test {_version}, path {path}, ClientIP: {Ip(socket.RemoteEndPoint)}, ServerName: {_name}, ServerIP: {Ip(socket.LocalEndPoint)}\n",
        };
        var length = Encoding.Latin1.GetByteCount(body).ToString(CultureInfo.InvariantCulture);
        var status = path == "/livez" && Livez != "OK" ? "506 Variant Also Negotiates" : "200 OK";
        return $"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\nServer: Werkzeug/2.0\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
            + (head.StartsWith("HEAD ", StringComparison.Ordinal) ? "" : body);
    }

    private static async Task<string> ReadFormAsync(RawPeer peer, string head)
    {
        var start = head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        var length = int.Parse(Regex.Match(head, "content-length: *(\\d+)", RegexOptions.IgnoreCase).Groups[1].Value, CultureInfo.InvariantCulture);
        return (await peer.ReadUntilAsync(start + length))[start..];
    }

    private static string Ip(EndPoint? endpoint) => ((IPEndPoint)endpoint!).Address.ToString();
}
