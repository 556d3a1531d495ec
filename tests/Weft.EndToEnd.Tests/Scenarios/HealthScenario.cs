using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>A front proxy and its servers, each on a host of its own, as the scenarios of health and ejection have them.</summary>
internal sealed class HealthScenario : IAsyncDisposable
{
    private readonly TestNetwork _network = new();
    private readonly List<WeftProcess> _sidecars = [];
    private readonly string _prefix;

    /// <param name="subnet">Third number of the addresses.</param>
    /// <param name="names">The name that each server answers to; several share one.</param>
    public HealthScenario(int subnet, params string[] names)
        : this(subnet, sidecars: false, names)
    {
    }

    /// <param name="sidecars">The servers listen on their loopback addresses, on port 8080, behind proxies yet to be started.</param>
    public HealthScenario(int subnet, bool sidecars, params string[] names)
    {
        _prefix = $"172.31.{subnet}.";
        Front = _network.AddHost("front", _prefix + "2");
        Front.SetNames([.. names.Select((name, i) => $"{AddressOf(i)} {name}")]);
        Hosts = [.. names.Select((_, i) => _network.AddHost(NameOf(i), AddressOf(i)))];
        Servers = [.. Hosts.Select(host => sidecars ? host.AddWebServer(8080, address: "127.0.0.1") : host.AddWebServer(80))];
        Client = Front.CreateHttpClient();
    }

    public NetworkHost Front { get; }

    public NetworkHost[] Hosts { get; }

    public WebServer[] Servers { get; }

    public HttpClient Client { get; }

    public WeftProcess Weft { get; private set; } = null!;

    public async Task StartAsync(string file) => Weft = await WeftProcess.StartOnAsync(Front, file);

    /// <summary>Puts a proxy in front of every server, on its host.</summary>
    public async Task StartSidecarsAsync(string file)
    {
        foreach (var host in Hosts)
            _sidecars.Add(await WeftProcess.StartOnAsync(host, file, "--concurrency", "1"));
    }

    /// <summary>Tells a server what its <c>/livez</c> has to say.</summary>
    public Task SetLivezAsync(int server, string value) => Front.Curl("-X", "POST", "-d", $"livez={value}", $"http://{AddressOf(server)}/livez");

    /// <summary>Waits until <c>/clusters</c> shows a server so, and the balancers have heard of it.</summary>
    public Task WaitForFlagsAsync(int server, string flags) => Wait.Until(
        async () =>
        {
            var clusters = await Weft.GetAdmin("/clusters");
            return clusters.Contains($"{AddressOf(server)}:80::health_flags::{flags}\n", StringComparison.Ordinal)
                && clusters.Split("::health_flags::healthy\n").Length - 1 == await Weft.Stat($"cluster.{clusters.Split("::")[0]}.membership_healthy");
        },
        $"{NameOf(server)} to be {flags}");

    /// <summary>How many of so many requests each server answered.</summary>
    public async Task<int[]> SendAsync(int requests)
    {
        var counts = new int[Servers.Length];
        for (var i = 0; i < requests; i++)
        {
            var body = await Client.GetStringAsync(new Uri("http://127.0.0.1/hostname"));
            counts[Array.IndexOf([.. Enumerable.Range(0, counts.Length).Select(server => $"ServerName: {NameOf(server)}\n")], body)]++;
        }

        return counts;
    }

    /// <summary>Sends as many requests as these are together; each server must answer as many as stand for it.</summary>
    public async Task ExpectAsync(params int[] counts) => Assert.Equal(counts, await SendAsync(counts.Sum()));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (Weft is not null)
            await Weft.DisposeAsync();
        foreach (var sidecar in _sidecars)
            await sidecar.DisposeAsync();
        _network.Dispose();
    }

    private static string NameOf(int server) => $"webserver0{server + 1}";

    private string AddressOf(int server) => $"{_prefix}{server + 11}";
}
