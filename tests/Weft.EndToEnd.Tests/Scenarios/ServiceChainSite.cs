using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>A front proxy before services A, B and C, each with a proxy beside it; A asks B and C. The files say who is told of what.</summary>
internal sealed class ServiceChainSite : IAsyncDisposable
{
    private readonly TestNetwork _network = new();
    private readonly List<IDisposable> _applications = [];
    private readonly List<WeftProcess> _proxies = [];

    private ServiceChainSite()
    {
        Client = _network.AddHost("client", "172.31.76.2");
        Front = Add("front_envoy", "172.31.76.10");
        A = Add("service_a", "172.31.76.11");
        B = Add("service_b", "172.31.76.12");
        C = Add("service_c", "172.31.76.13");
        Collectors = Add("collectors", "172.31.76.20");
        Flaky = Add("flaky", "172.31.76.30");
        _applications.Add(new ChainApplication(
            A, "Hello from service A.\n", ("Calling Service B: ", new Uri("http://127.0.0.1:8788/"), true), ("", new Uri("http://127.0.0.1:8791/"), false)));
        _applications.Add(new ChainApplication(B, "Hello from service B.\n"));
        _applications.Add(new ChainApplication(C, "Hello from service C.\n"));
    }

    public NetworkHost Client { get; }

    public NetworkHost Front { get; }

    public NetworkHost A { get; }

    public NetworkHost B { get; }

    public NetworkHost C { get; }

    /// <summary>statsd_exporter, zipkin and jaeger.</summary>
    public NetworkHost Collectors { get; }

    public NetworkHost Flaky { get; }

    public WeftProcess FrontProxy { get; private set; } = null!;

    public string Logs => string.Join('\n', _proxies.Select(proxy => proxy.Log));

    /// <param name="folder">Below <c>Scenarios/ServiceChain</c>.</param>
    /// <param name="prepare">What must be there before the proxies start.</param>
    public static async Task<ServiceChainSite> StartAsync(string folder, Action<ServiceChainSite>? prepare = null)
    {
        var site = new ServiceChainSite();
        try
        {
            prepare?.Invoke(site);
            foreach (var host in (NetworkHost[])[site.A, site.B, site.C, site.Front])
                site._proxies.Add(await WeftProcess.StartOnAsync(host, $"ServiceChain/{folder}/{host.Name}.yaml", "--concurrency", "1"));
            site.FrontProxy = site._proxies[^1];
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
            await proxy.DisposeAsync();
        foreach (var application in _applications)
            application.Dispose();
        _network.Dispose();
    }

    private NetworkHost Add(string name, string address)
    {
        var host = _network.AddHost(name, address);
        host.SetNames(
            "172.31.76.11 service_a", "172.31.76.12 service_b", "172.31.76.13 service_c", "172.31.76.20 statsd_exporter zipkin jaeger", "172.31.76.30 flaky");
        return host;
    }
}
