using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Observe;

/// <summary>What is true of all views: nothing goes wrong in the browser, everybody can read and reach everything, and it stays small.</summary>
public sealed partial class PageQualityTests
{
    private const int MaxPageBytes = 450 * 1024;

    private static readonly string[] s_views = ["/live", "/traces", "/traces/463ac35c9f6413ad", "/traces/compare?a=463ac35c9f6413ad&b=1", "/graph", "/logs", "/proxies", "/config"];

    [BrowserFact]
    public async Task Every_view_is_legible_in_light_and_dark_has_names_for_its_fields_and_leaves_nothing_in_the_console()
    {
        using var upstream = new ScriptedUpstream(ScriptedUpstream.AnswerOkAsync);
        await using var weft = await WeftProcess.StartAsync("node: { id: front, cluster: front }\n" + Configs.HttpProxy(upstream.Port));
        await using var observe = await ObserveProcess.StartAsync("--proxy", weft.Admin.Authority, "--access-log", "/dev/null");
        await Post(observe);
        await using var browser = await Browser.StartAsync(observe.Page);
        foreach (var colours in (string[])["light", "dark"])
        {
            await browser.Prefer(colours);
            foreach (var view in s_views)
            {
                await browser.Evaluate($"location.hash = '{view}'");
                await browser.Until("document.querySelector('main')?.children.length > 1 && document.querySelector('main .empty')?.innerText != '…'");
                Assert.Equal("", await browser.Evaluate(Illegible));
                Assert.Equal("", await browser.Evaluate("[...document.querySelectorAll('input, select, button, a, svg[role], table, ol[tabindex]')].filter(one => !(one.labels?.length || one.ariaLabel || one.innerText?.trim() || one.textContent?.trim())).map(one => one.outerHTML).join()"));
                Assert.Equal("1", await browser.Evaluate("document.querySelectorAll('h1').length"));
                Assert.Equal("false", await browser.Evaluate("document.documentElement.scrollWidth > innerWidth"));
            }
        }

        // The check is one: a faint text does not pass.
        await browser.Evaluate("document.querySelector('nav a').style.color = '#444'");
        Assert.NotEqual("", await browser.Evaluate(Illegible));
        Assert.Equal("rgb(20, 23, 28)", await browser.Evaluate("getComputedStyle(document.body).backgroundColor"));
        Assert.Empty(browser.Problems);
    }

    [BrowserFact]
    public async Task The_keyboard_alone_leads_through_navigation_and_content()
    {
        await using var observe = await ObserveProcess.StartAsync();
        await Post(observe);
        await using var browser = await Browser.StartAsync(new Uri(observe.Page, "/#/traces"));
        await browser.Until("document.querySelectorAll('table[aria-label=Traces] tbody tr').length == 2");
        await browser.Press("Tab");
        await browser.Until("document.activeElement.innerText == 'Skip the navigation'");
        await browser.Press("Enter");
        await browser.Until("document.activeElement.tagName == 'MAIN'");
        await browser.Press("Tab");
        await browser.Until("document.activeElement.tagName == 'SELECT'");
        Assert.NotEqual("none", await browser.Evaluate("getComputedStyle(document.activeElement).outlineStyle"));
        await browser.Press("Tab");
        Assert.Equal("Traces · Weft observe", await browser.Evaluate("document.title"));
    }

    [BrowserFact]
    public async Task Traces_are_searched_by_tag_and_duration_and_two_are_compared_step_by_step()
    {
        await using var observe = await ObserveProcess.StartAsync();
        await Post(observe);
        await using var browser = await Browser.StartAsync(new Uri(observe.Page, "/#/traces"));
        await browser.Until("document.querySelectorAll('table[aria-label=Traces] tbody tr').length == 2");
        await browser.Until("[...document.querySelectorAll('#tags option')].some(option => option.value == 'http.status_code=')");
        await browser.Press("/");
        await browser.Type("http.status_code>=500");
        await browser.Until("document.querySelectorAll('table[aria-label=Traces] tbody tr').length == 1 && location.hash.includes('q=')");
        await browser.Evaluate("location.hash = '/traces?min=10'");
        await browser.Until("document.querySelectorAll('table[aria-label=Traces] tbody tr').length == 1 && document.querySelector('table[aria-label=Traces]').innerText.includes('30 ms')");
        await browser.Evaluate("location.hash = '/traces?sort=duration'");
        await browser.Until("document.querySelectorAll('table[aria-label=Traces] tbody tr').length == 2 && document.querySelector('table[aria-label=Traces] tbody tr').innerText.includes('30 ms')");
        for (var i = 1; i >= 0; i--)
        {
            await browser.Evaluate($"document.querySelectorAll('table[aria-label=Traces] input')[{i}].focus()");
            await browser.Press(" ");
        }

        await browser.Until("[...document.querySelectorAll('main a')].some(link => link.innerText == 'Compare the two')");
        await browser.Evaluate("[...document.querySelectorAll('main a')].find(link => link.innerText == 'Compare the two').click()");
        await browser.Until("document.querySelectorAll('table[aria-label=\"Steps of both traces\"] tbody tr').length == 3");
        Assert.Equal(
            "front get client|9.0 ms|30 ms|21 ms more;a get server|7.0 ms|28 ms|21 ms more;a cache client|not there|20 ms failed|only in B",
            await browser.Evaluate("[...document.querySelectorAll('table[aria-label=\"Steps of both traces\"] tbody tr')].map(row => [...row.cells].map(cell => cell.innerText.trim()).join('|')).join(';')"));
        Assert.Empty(browser.Problems);
    }

    [BrowserFact]
    public async Task The_service_graph_tells_rates_errors_and_latencies_at_its_arrows()
    {
        await using var observe = await ObserveProcess.StartAsync();
        await Post(observe);
        await using var browser = await Browser.StartAsync(new Uri(observe.Page, "/#/graph"));
        // Two calls within 2.03 seconds, one of them in vain.
        await browser.Until("document.querySelectorAll('.call').length == 2");
        Assert.Equal("1.0/s|p50 7.0 ms · p99 28 ms", await browser.Evaluate("[...[...document.querySelectorAll('.call')].find(call => call.querySelector('title').textContent.startsWith('front → a')).querySelectorAll('text')].map(text => text.textContent).join('|')"));
        Assert.Equal("0.5/s · 100 % errors", await browser.Evaluate("document.querySelector('.call.failed text').textContent"));
        Assert.Equal("front,a,2,1.0/s,0|a,redis,1,0.5/s,1 (100 %)", await browser.Evaluate("[...document.querySelectorAll('table[aria-label=Calls] tbody tr')].map(row => [...row.cells].slice(0, 5).map(cell => cell.innerText).join()).sort().reverse().join('|')"));
        await browser.Evaluate("document.querySelector('a[aria-label=\"Failed traces of a calling redis\"]').click()");
        await browser.Until("location.hash.includes('with=a')");
        Assert.Empty(browser.Problems);
    }

    [Fact]
    public async Task The_page_is_small_and_loads_nothing_from_elsewhere()
    {
        await using var observe = await ObserveProcess.StartAsync();
        var page = await observe.Http.GetStringAsync(observe.Page);
        var bytes = page.Length;
        foreach (Match file in LinkPattern().Matches(page))
        {
            Assert.StartsWith("/assets/", file.Groups[1].Value, StringComparison.Ordinal);
            bytes += (await observe.Http.GetByteArrayAsync(new Uri(observe.Page, file.Groups[1].Value))).Length;
        }

        Assert.InRange(bytes, 50 * 1024, MaxPageBytes);
    }

    /// <summary>Two traces, two seconds apart: the second takes longer, fails, and asks a cache besides.</summary>
    private static async Task Post(ObserveProcess observe)
    {
        string[] spans =
        [
            Span("463ac35c9f6413ad", "1", "", "CLIENT", "get", 0, 9000, "front", "\"http.status_code\":\"200\""),
            Span("463ac35c9f6413ad", "2", "1", "SERVER", "get", 1000, 7000, "a", "\"http.status_code\":\"200\""),
            Span("1", "1", "", "CLIENT", "get", 2_000_000, 30_000, "front", "\"http.status_code\":\"503\""),
            Span("1", "2", "1", "SERVER", "get", 2_001_000, 28_000, "a", "\"http.status_code\":\"503\""),
            Span("1", "3", "2", "CLIENT", "cache", 2_002_000, 20_000, "a", "\"error\":\"no\"", "redis"),
        ];
        using var content = new StringContent("[" + string.Join(',', spans) + "]", Encoding.UTF8, "application/json");
        using var posted = await observe.Http.PostAsync(new Uri(observe.Page, "/api/v2/spans"), content);
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
    }

    private static string Span(string trace, string id, string parent, string kind, string name, long fromUs, long us, string service, string tags, string? remote = null) => $$$"""
        {"traceId":"{{{trace}}}","id":"{{{id}}}","parentId":{{{JsonSerializer.Serialize(parent)}}},"kind":"{{{kind}}}","name":"{{{name}}}","timestamp":{{{1_700_000_000_000_000 + fromUs}}},"duration":{{{us}}},
         "localEndpoint":{"serviceName":"{{{service}}}"},"tags":{ {{{tags}}} }{{{(remote is null ? "" : $",\"remoteEndpoint\":{{\"serviceName\":\"{remote}\"}}")}}}}
        """;

    /// <summary>Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3).</summary>
    private const string Illegible = """
        (() => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const parse = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
          const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
          const light = (colour) => colour.slice(0, 3).map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4).reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = (element) => element ? over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement)) : [255, 255, 255, 1];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const found = [];
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !element.checkVisibility({ opacityProperty: true }) || element.closest('title, .unseen, option, [hidden], .u-over')) continue;
            const style = getComputedStyle(element);
            const back = element.ownerSVGElement && element.closest('.node') ? parse(getComputedStyle(element.closest('.node').querySelector('rect')).fill) : behind(element);
            const front = over(parse(element.ownerSVGElement ? style.fill : style.color), back);
            const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
            if ((high + 0.05) / (low + 0.05) < 4.5) found.push(`${walker.currentNode.data.trim()}: ${((high + 0.05) / (low + 0.05)).toFixed(2)}`);
          }
          return found.join('; ');
        })()
        """;

    [GeneratedRegex("(?:src|href)=\"(?!data:)([^\"]+)\"")]
    private static partial Regex LinkPattern();
}
