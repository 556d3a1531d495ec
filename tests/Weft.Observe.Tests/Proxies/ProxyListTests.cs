using System.Text.Json;
using Weft.Net;
using Weft.Observe.Proxies;

namespace Weft.Observe.Tests.Proxies;

/// <summary>Proxies that are found, asked and lost, over real sockets.</summary>
public sealed class ProxyListTests
{
    [Fact]
    public async Task A_proxy_that_is_named_tells_what_it_is_and_how_its_clusters_are()
    {
        using var admin = new FakeAdmin("front");
        admin.Answers["/clusters"] = """{"cluster_statuses":[{"name":"backend","host_statuses":[{"address":{"socket_address":{"address":"10.0.0.1","port_value":80}},"health_status":{"failed_active_health_check":true}}]}]}""";
        admin.Answers["/listeners"] = """{"listener_statuses":[{"name":"web","local_address":{"socket_address":{"address":"0.0.0.0","port_value":80}},"additional_local_addresses":[{"pipe":{"path":"/x"}}]}]}""";
        using var observer = new RunningObserver(options => options with { Proxies = [admin.Address] });
        var proxy = (await Until(observer, list => list.Count == 1 && Text(list[0], "error") == "" ? list : null))[0];
        Assert.Equal(
            ("front", "shop", "LIVE", 3725, "option", 1, 1, 0, 1),
            (Text(proxy, "name"), Text(proxy, "cluster"), Text(proxy, "state"), Number(proxy, "uptimeSeconds"), Text(proxy, "origin"), Number(proxy, "clusters"), Number(proxy, "endpoints"), Number(proxy, "healthy"), Number(proxy, "listeners")));
        var whole = await observer.Get("/api/observe/proxy?address=" + admin.Address);
        Assert.Equal("failed_active_health_check", Text(whole.GetProperty("clusterList")[0].GetProperty("endpoints")[0], "health"));
        Assert.Equal(["0.0.0.0:80", "/x"], whole.GetProperty("listenerList")[0].GetProperty("addresses").EnumerateArray().Select(address => address.GetString()));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await observer.Http.GetAsync("/api/observe/proxy?address=1.2.3.4:5")).StatusCode);
    }

    [Fact]
    public async Task Proxies_of_the_same_name_are_told_apart_by_their_addresses()
    {
        using var one = new FakeAdmin("front");
        using var two = new FakeAdmin("front");
        using var observer = new RunningObserver(options => options with { Proxies = [one.Address, two.Address] });
        var names = await Until(observer, list => list.All(proxy => Text(proxy, "error") == "") ? list.Select(proxy => Text(proxy, "name")).Order().ToList() : null);
        Assert.Equal("front", names[0]);
        Assert.Matches(@"^front \(127\.0\.0\.1:\d+\)$", names[1]);
        await Poll(async () => (await observer.Get("/api/observe/traffic")).GetArrayLength() == 2 ? "" : null);
    }

    [Fact]
    public async Task A_proxy_that_does_not_answer_says_why_and_its_traffic_is_no_longer_shown()
    {
        using var admin = new FakeAdmin("front");
        using var observer = new RunningObserver(options => options with { Proxies = [admin.Address] });
        await Poll(async () => (await observer.Get("/api/observe/traffic")).GetArrayLength() == 1 ? "" : null);
        admin.Dispose();
        await Until(observer, list => Text(list[0], "error").Length > 0 && Text(list[0], "state") == "LIVE" ? "" : null);
        await Poll(async () => (await observer.Get("/api/observe/traffic")).GetArrayLength() == 0 ? "" : null);
        Assert.Equal("front", Text((await observer.Get("/api/observe/proxies")).GetProperty("proxies")[0], "name"));
        Assert.Contains("weft_observe_proxies_failing 1\n", await observer.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/server_info", "[]")]
    [InlineData("/server_info", "no JSON")]
    [InlineData("/clusters", "{\"cluster_statuses\":5}")]
    [InlineData("/listeners", "{\"listener_statuses\":[{\"name\":{}}]}")]
    public async Task An_answer_that_makes_no_sense_is_a_failure_of_that_proxy_alone(string path, string answer)
    {
        using var admin = new FakeAdmin("broken");
        using var other = new FakeAdmin("other");
        admin.Answers[path] = answer;
        using var observer = new RunningObserver(options => options with { Proxies = [admin.Address, other.Address] });
        await Until(observer, list => Text(list[0], "error") is not ("" or "not asked yet") && Text(list[1], "error") == "" ? "" : null);
    }

    [Fact]
    public async Task Files_with_admin_addresses_are_found_when_they_come_and_kept_for_a_while_when_they_go()
    {
        using var admin = new FakeAdmin("filed");
        var folder = Directory.CreateTempSubdirectory("weft-proxies-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "a"), admin.Address + "\n");
            File.WriteAllText(Path.Combine(folder, "b"), "nonsense");
            File.WriteAllText(Path.Combine(folder, "c"), new string('x', 10_000));
            using var observer = new RunningObserver(options => options with { ProxyFolder = folder });
            Assert.Equal("filed file", await Until(observer, list => list.Count == 1 && Text(list[0], "error") == "" ? $"{Text(list[0], "name")} {Text(list[0], "origin")}" : null));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_is_gone_is_dropped_after_some_looks_and_there_are_never_too_many()
    {
        var folder = Directory.CreateTempSubdirectory("weft-proxies-").FullName;
        using var loop = new EventLoop("test");
        try
        {
            for (var i = 0; i < ProxyList.MaxProxies + 3; i++)
                File.WriteAllText(Path.Combine(folder, $"{i:000}"), $"127.0.0.2:{10_000 + i}");
            using var list = new ProxyList(loop, new ObserveOptions { ProxyFolder = folder, Proxies = ["127.0.0.1:1"] }, new Weft.Observe.Traffic.TrafficStore());
            list.Look();
            Assert.Equal((ProxyList.MaxProxies, 4), (list.All.Count, list.Refused));
            foreach (var file in Directory.GetFiles(folder))
                File.Delete(file);
            list.Look();
            Assert.Equal(ProxyList.MaxProxies, list.All.Count);
            for (var look = 0; look < 30; look++)
                list.Look();
            Assert.Equal(["127.0.0.1:1"], list.All.Select(proxy => proxy.Address));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_proxy_of_this_machine_that_says_where_it_is_is_found()
    {
        using var admin = new FakeAdmin("announced-" + Environment.ProcessId);
        using var announced = LocalAnnouncement.Make(LocalAnnouncement.ProxyAdmin, admin.Address);
        Assert.NotNull(announced);
        using var observer = new RunningObserver(options => options with { FindsProxies = true });
        Assert.Equal("machine", await Until(observer, list => list.Where(proxy => Text(proxy, "name") == "announced-" + Environment.ProcessId).Select(proxy => Text(proxy, "origin")).FirstOrDefault()));
    }

    internal static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private static Task<T> Until<T>(RunningObserver observer, Func<List<JsonElement>, T?> find)
        where T : class =>
        Poll(async () => find([.. (await observer.Get("/api/observe/proxies")).GetProperty("proxies").EnumerateArray()]));

    internal static async Task<T> Poll<T>(Func<Task<T?>> find)
        where T : class
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (true)
        {
            if (await find() is { } found)
                return found;
            await Task.Delay(10, limit.Token);
        }
    }
}
