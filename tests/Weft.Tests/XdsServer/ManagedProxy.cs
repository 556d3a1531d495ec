using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Envoy.Service.Discovery.V3;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Xds.Server;
using Weft.XdsServer;
using ProxyServer = Weft.Proxy.Bootstrap.Server;

namespace Weft.Tests.XdsServer;

/// <summary>A management server and a proxy that asks it over gRPC, both in this process, each on a thread of its own, with ports that the kernel chose.</summary>
internal sealed class ManagedProxy : IDisposable
{
    /// <summary>The management server as a cluster, and the administration.</summary>
    private const string Head = """
        node: { id: me, cluster: test, locality: { zone: here }, metadata: { place: { rack: here } } }
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }

        """;

    private readonly EventLoop _loop = new("management");
    private readonly Thread _loopThread;
    private readonly SnapshotCache _cache = new();
    private readonly DiscoveryServer _discovery;
    private Snapshot _last = Snapshot.Empty.With([]);
    private ProxyServer? _proxy;
    private Thread? _proxyThread;
    private HttpClient? _admin;

    public ManagedProxy()
    {
        _cache.Set(null, _last);
        _discovery = new DiscoveryServer(_loop, NetAddress.FromIP(IPAddress.Loopback, 0), _cache);
        _discovery.Start();
        _loopThread = new Thread(_loop.Run) { IsBackground = true };
        _loopThread.Start();
    }

    /// <summary>An api_config_source of the management server.</summary>
    public static string Grpc(bool isDelta) => $"api_config_source: {{ api_type: {(isDelta ? "DELTA_GRPC" : "GRPC")}, transport_api_version: V3, grpc_services: [{{ envoy_grpc: {{ cluster_name: management }} }}] }}";

    /// <summary>The management server, for what it serves beside the snapshot; before <see cref="Start"/>.</summary>
    public DiscoveryServer Discovery => _discovery;

    /// <summary>Runs something on the management server's thread.</summary>
    public void OnDiscoveryLoop(Action work) => _loop.Post(work);

    /// <summary>Serves these resources (the items of a YAML list) from now on, and no others.</summary>
    public void Serve(string resources)
    {
        var context = new ConfigContext();
        var response = ConfigReader.ReadText<DiscoveryResponse>("resources:\n" + resources, "served.yaml", new ReadOptions { AllowUnimplemented = true }, context);
        Assert.False(context.Findings.HasErrors, string.Join('\n', context.Findings.Errors));
        var messages = response.Resources.Select(body => context.Unpack(body)!).ToList();
        // Until then, what the proxy asks may be answered with what was served before.
        using var served = new ManualResetEventSlim();
        _loop.Post(() =>
        {
            _cache.Set(null, _last = _last.With(messages));
            served.Set();
        });
        Assert.True(served.Wait(TimeSpan.FromSeconds(120)), "the management server does not run");
    }

    /// <summary>Starts the proxy and waits until it is ready.</summary>
    /// <param name="bootstrap">Of YAML: what follows node and administration; clusters stand in <c>static_resources</c>, whose last key is <c>clusters</c>, without <c>management</c>.</param>
    public async Task Start(string bootstrap)
    {
        var yaml = Head + bootstrap + string.Create(CultureInfo.InvariantCulture, $$"""

              - name: management
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: { http2_protocol_options: {} }
                load_assignment: { cluster_name: management, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{_discovery.Address.Port}} } } } }] }] }

            """);
        _proxy = ProxyServer.Create(new ServerOptions { ConfigYaml = yaml, Concurrency = 1 }, out var findings);
        Assert.True(_proxy is not null, string.Join('\n', findings.All));
        _proxyThread = new Thread(() => _proxy.Run()) { IsBackground = true };
        _proxyThread.Start();
        _admin = new HttpClient { BaseAddress = new Uri($"http://{_proxy.AdminAddress}/") };
        await Until(async () => (await _admin.GetAsync(new Uri("ready", UriKind.Relative))).IsSuccessStatusCode, "the proxy to be ready");
    }

    public Task<string> Admin(string path) => _admin!.GetStringAsync(new Uri(path, UriKind.Relative));

    /// <summary>-1: there is none of that name.</summary>
    public async Task<long> Stat(string name)
    {
        var text = await Admin("stats?filter=^" + name.Replace(".", "\\.", StringComparison.Ordinal) + "$");
        return text.Split(": ") is [_, var value] ? long.Parse(value, CultureInfo.InvariantCulture) : -1;
    }

    /// <summary>Waits until a statistic is what it has to be: some follow what is seen of it by a moment.</summary>
    public Task ExpectStat(string name, long value) => Until(async () => await Stat(name) == value, $"{name} to be {value}");

    /// <summary>The elements of one repeated field of the configuration dump.</summary>
    public async Task<JsonElement[]> Dump(string resource) =>
        [.. JsonDocument.Parse(await Admin("config_dump?resource=" + resource)).RootElement.TryGetProperty("configs", out var configs) ? configs.EnumerateArray() : []];

    /// <summary>Where a listener of the proxy listens.</summary>
    public string Address(string listener) => _proxy!.Listeners.Listeners.First(one => one.Config.Name == listener).BoundAddresses[0].ToString();

    /// <summary>The status and the body that a request is answered with, on a connection of its own.</summary>
    public async Task<string> Get(string listener, string path = "/", params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{Address(listener)}{path}"));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}".TrimEnd();
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
        _admin?.Dispose();
        _proxy?.StopNow();
        _proxyThread?.Join(TimeSpan.FromSeconds(120));
        _proxy?.Dispose();
        _loop.Post(_loop.Stop);
        _loopThread.Join(TimeSpan.FromSeconds(120));
        _discovery.Dispose();
        _loop.Dispose();
    }
}
