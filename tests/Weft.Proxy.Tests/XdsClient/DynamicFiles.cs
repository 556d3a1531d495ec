using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.XdsClient;

/// <summary>A server whose resources come from files of one folder; files are replaced by renaming, as an editor or a deployment does it.</summary>
internal sealed class DynamicFiles : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-xds-").FullName;
    private readonly List<TcpListener> _upstreams = [];
    private RunningServer? _server;

    public RunningServer Server => _server ?? throw new InvalidOperationException("start it first");

    public string PathOf(string name) => Path.Combine(_folder, name);

    public void Write(string name, string text)
    {
        File.WriteAllText(PathOf(name + ".tmp"), text);
        File.Move(PathOf(name + ".tmp"), PathOf(name), overwrite: true);
    }

    /// <summary>Starts the server and waits until it is ready.</summary>
    public async Task Start(string bootstrap, ServerOptions? options = null)
    {
        _server = new RunningServer("admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }\n" + bootstrap.Replace("FOLDER", _folder, StringComparison.Ordinal), options);
        await Until(async () => (await Server.Admin!.GetAsync("ready")).IsSuccessStatusCode, "the server to be ready");
    }

    /// <summary>Starts a server that answers every request with a text, and gives its port.</summary>
    public int Upstream(string text) => Upstream(() => text);

    /// <summary>As above, with an answer that changes.</summary>
    public int Upstream(Func<string> text)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _upstreams.Add(listener);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                _ = Task.Run(() => Serve(client, text));
            }
        });
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task<string> Admin(string path) => await Server.Admin!.GetStringAsync(path);

    public async Task<long> Stat(string name)
    {
        var text = await Admin("stats?filter=^" + name.Replace(".", "\\.", StringComparison.Ordinal) + "$");
        return text.Split(": ") is [_, var value] ? long.Parse(value, System.Globalization.CultureInfo.InvariantCulture) : -1;
    }

    /// <summary>Waits until a statistic is what it has to be: some follow what is seen of it by a moment.</summary>
    public Task ExpectStat(string name, long value) => Until(async () => await Stat(name) == value, $"{name} to be {value}");

    /// <summary>The elements of one repeated field of the configuration dump.</summary>
    public async Task<JsonElement[]> Dump(string resource) =>
        [.. JsonDocument.Parse(await Admin("config_dump?resource=" + resource)).RootElement.TryGetProperty("configs", out var configs) ? configs.EnumerateArray() : []];

    /// <summary>The version and name of the only element of one repeated field of the configuration dump.</summary>
    public async Task<(string?, string?)> Dumped(string resource, string field)
    {
        var one = Assert.Single(await Dump(resource));
        return (one.GetProperty("version_info").GetString(), one.GetProperty(field).GetProperty("name").GetString());
    }

    /// <summary>A request to the first listener, on a connection of its own.</summary>
    public async Task<HttpResponseMessage> Get()
    {
        using var client = new HttpClient();
        return await client.GetAsync(new Uri($"http://{Server.Listener()}/"));
    }

    /// <summary>What a number of requests, each on a connection of its own, were answered with.</summary>
    public async Task<IEnumerable<string>> Answers(int requests)
    {
        var answers = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < requests; i++)
            answers.Add(await (await Get()).Content.ReadAsStringAsync());
        return answers;
    }

    public static async Task Until(Func<Task<bool>> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), $"waited in vain for {what}");
            await Task.Delay(10);
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        foreach (var upstream in _upstreams)
            upstream.Stop();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task Serve(TcpClient client, Func<string> answer)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                var buffer = new byte[8192];
                var seen = "";
                var body = 0;
                while (await stream.ReadAsync(buffer) is > 0 and var count)
                {
                    seen += Encoding.ASCII.GetString(buffer, 0, count);
                    for (; seen.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end; seen = seen[body..])
                    {
                        var length = System.Text.RegularExpressions.Regex.Match(seen[..end], "content-length: (\\d+)");
                        body = end + 4 + (length.Success ? int.Parse(length.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : 0);
                        if (seen.Length < body)
                            break;
                        var text = answer();
                        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\ncontent-length: {text.Length}\r\n\r\n{text}"));
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The client has gone.
        }
    }
}
