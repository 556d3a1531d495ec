using System.Net;
using System.Text.Json;
using Weft.Observe.Tests.Proxies;

namespace Weft.Observe.Tests.Configs;

/// <summary>The search over proxies that are asked for their configuration.</summary>
public sealed class ConfigSearchTests
{
    [Fact]
    public async Task Configurations_of_all_proxies_are_read_when_somebody_searches()
    {
        using var one = new FakeAdmin("one");
        using var two = new FakeAdmin("two");
        one.Answers["/config_dump"] = ConfigDumpReaderTests.Dump;
        two.Answers["/config_dump"] = ConfigDumpReaderTests.Dump.Replace("8080", "9090", StringComparison.Ordinal);
        using var observer = new RunningObserver(options => options with { Proxies = [one.Address, two.Address] });

        // A link to a resource works before anybody has searched.
        var linked = $"/api/observe/config/resource?address={two.Address}&section=static_clusters&name=local";
        await ProxyListTests.Poll(async () => (await observer.Get(linked)).TryGetProperty("yaml", out var yaml) ? yaml.GetString() : null);
        var found = await Search(observer, "q=local", 2);
        Assert.Equal(["one", "two"], found.Resources.Select(resource => ProxyListTests.Text(resource, "proxy")).Order());
        Assert.Contains("RouteConfiguration", found.Whole.GetProperty("kinds").EnumerateArray().Select(kind => kind.GetString()));
        found = await Search(observer, "q=9090", 1);
        Assert.Equal(("two", "Cluster", "static_clusters"), (ProxyListTests.Text(found.Resources[0], "proxy"), ProxyListTests.Text(found.Resources[0], "kind"), ProxyListTests.Text(found.Resources[0], "section")));
        Assert.Equal("port_value: 9090", ProxyListTests.Text(found.Resources[0].GetProperty("lines")[0], "text"));
        Assert.Single((await Search(observer, $"kind=Listener&address={one.Address}", 1)).Resources);
        Assert.Single((await Search(observer, "q=cluster&limit=1", 1)).Resources);

        var text = await observer.Get(linked);
        Assert.Contains("port_value: 9090\n", ProxyListTests.Text(text, "yaml"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await observer.Http.GetAsync($"/api/observe/config/resource?address={two.Address}&section=static_clusters&name=none")).StatusCode);
    }

    [Fact]
    public async Task A_proxy_that_will_not_say_is_named_with_the_reason()
    {
        using var admin = new FakeAdmin("silent");
        using var observer = new RunningObserver(options => options with { Proxies = [admin.Address] });
        var error = await ProxyListTests.Poll(async () => ProxyListTests.Text((await observer.Get("/api/observe/config")).GetProperty("proxies")[0], "error") is { Length: > 0 } text ? text : null);
        Assert.Contains("404", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_configurations_together_take_no_more_memory_than_is_allowed()
    {
        using var admin = new FakeAdmin("large");
        admin.Answers["/config_dump"] = ConfigDumpReaderTests.Dump;
        using var observer = new RunningObserver(options => options with { Proxies = [admin.Address], MaxConfigBytes = 4 });
        var left = await ProxyListTests.Poll(async () => (await observer.Get("/api/observe/config")).GetProperty("proxies")[0].GetProperty("left").GetInt32() is > 0 and var count ? (object)count : null);
        Assert.Equal(7, left);
    }

    /// <summary>Asks until so many are told.</summary>
    private static Task<Found> Search(RunningObserver observer, string query, int count) => ProxyListTests.Poll(async () =>
    {
        var whole = await observer.Get("/api/observe/config?" + query);
        var resources = whole.GetProperty("resources").EnumerateArray().ToList();
        return resources.Count == count ? new Found(whole, resources) : null;
    });

    private sealed record Found(JsonElement Whole, List<JsonElement> Resources);
}
