using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Observe;

/// <summary>What the page tells of proxies and of their configuration, over real ones.</summary>
public sealed class ProxiesPageTests
{
    [Fact]
    public async Task A_proxy_of_this_machine_is_found_without_an_option_and_is_not_asked_when_it_has_gone()
    {
        await using var observe = await ObserveProcess.StartLookingAsync();
        string address;
        await using (var weft = await WeftProcess.StartAsync("node: { id: found-by-itself, cluster: test }\nstatic_resources: {}\n"))
        {
            address = weft.Admin.Authority;
            JsonElement proxy = default;
            await Wait.Until(async () => (proxy = await Find(observe, address)).ValueKind == JsonValueKind.Object && proxy.GetProperty("name").GetString() == "found-by-itself", "the proxy", () => observe.Log);
            Assert.Equal(("machine", "LIVE"), (proxy.GetProperty("origin").GetString(), proxy.GetProperty("state").GetString()));
        }

        // It is shown as missing for a while, and then not at all.
        await Wait.Until(async () => await Find(observe, address) is not { ValueKind: JsonValueKind.Object } gone || gone.GetProperty("error").GetString() != "", "the proxy to be missed", () => observe.Log);
    }

    [BrowserFact]
    public async Task Proxies_their_clusters_and_their_configuration_are_seen_and_searched_by_keyboard()
    {
        using var upstream = new ScriptedUpstream(ScriptedUpstream.AnswerOkAsync);
        await using var one = await WeftProcess.StartAsync("node: { id: one, cluster: shop }\n" + Configs.HttpProxy(upstream.Port));
        await using var two = await WeftProcess.StartAsync("node: { id: two, cluster: shop }\n" + Configs.HttpProxy(upstream.Port).Replace("backend", "storage", StringComparison.Ordinal));
        var folder = Directory.CreateTempSubdirectory("weft-proxies-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "two"), two.Admin.Authority);
        await using var observe = await ObserveProcess.StartAsync("--proxy", one.Admin.Authority, "--proxies", folder);
        await using var browser = await Browser.StartAsync(new Uri(observe.Page, "/#/proxies"));

        await browser.Until("[...document.querySelectorAll('table[aria-label=Proxies] tbody tr')].filter(row => row.cells[3].innerText == 'LIVE' && row.cells[8].innerText == '1 of 1').length == 2");
        Assert.Equal("one,two", await browser.Evaluate("[...document.querySelectorAll('table[aria-label=Proxies] tbody tr')].map(row => row.cells[0].innerText)"));
        await browser.Evaluate("[...document.querySelectorAll('table[aria-label=Proxies] a')][1].focus()");
        await browser.Press("Enter");
        await browser.Until("document.querySelector('table[aria-label=Clusters]')?.innerText.includes('storage') && document.querySelector('table[aria-label=Listeners]')?.innerText.includes('web')");
        await browser.Evaluate("document.querySelector('table[aria-label=Clusters] button').focus()");
        await browser.Press("Enter");
        await browser.Until($"[...document.querySelectorAll('table[aria-label=\"Endpoints of storage\"] tbody tr')].some(row => row.cells[0].innerText == '127.0.0.1:{upstream.Port}' && row.cells[1].innerText == 'healthy')");

        await browser.Press("6");
        await browser.Until("document.querySelectorAll('ul[aria-label=Resources] > li').length >= 6");
        await browser.Press("/");
        await browser.Type($"127.0.0.1:{upstream.Port} storage");
        await browser.Until("[...document.querySelectorAll('ul[aria-label=Resources] > li h2')].map(title => title.innerText).join() == 'Cluster storage in two,ClusterLoadAssignment storage in two'");
        await browser.Evaluate("[...document.querySelectorAll('ul[aria-label=Resources] .lines a')].find(line => line.innerText.includes('port_value')).focus()");
        await browser.Press("Enter");
        await browser.Until($"document.querySelector('ol.yaml')?.innerText.includes('port_value: {upstream.Port}') && document.querySelector('ol.yaml li[aria-current]') !== null");
        Assert.Contains("the bootstrap", await browser.Evaluate("document.querySelector('.resource .summary').innerText"), StringComparison.Ordinal);
        Assert.Empty(browser.Problems);
    }

    /// <summary>A proxy as <c>weft observe</c> tells of it; undefined when it does not.</summary>
    private static async Task<JsonElement> Find(ObserveProcess observe, string address) =>
        (await observe.Get("/api/observe/proxies")).GetProperty("proxies").EnumerateArray().FirstOrDefault(proxy => proxy.GetProperty("address").GetString() == address);
}
