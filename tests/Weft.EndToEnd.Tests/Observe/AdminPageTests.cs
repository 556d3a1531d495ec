using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Observe;

/// <summary>The admin page of a running proxy in a real browser.</summary>
public sealed class AdminPageTests
{
    private const string Routes = "              - { name: everything, match: { prefix: / }, route: { cluster: backend }, stat_prefix: everything }";

    [BrowserFact]
    public async Task Tables_show_traffic_clusters_and_routes_and_the_configuration_is_searched()
    {
        using var upstream = new ScriptedUpstream(ScriptedUpstream.AnswerOkAsync);
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, routes: Routes));
        var listener = new Uri($"http://127.0.0.1:{await weft.Port("web")}/");
        await using var browser = await Browser.StartAsync(weft.Admin);
        await browser.Until("document.querySelector('#view')?.innerText.includes('LIVE')");
        await UntilWithTraffic("[...document.querySelectorAll('#view tr')].some(row => row.cells[0].innerText == 'web' && Number(row.cells[1].innerText) > 0 && row.querySelector('polyline'))");

        await browser.Evaluate("document.querySelector('nav a[href=\"#clusters\"]').click()");
        await browser.Until("[...document.querySelectorAll('#view tr')].some(row => row.cells[0].innerText == 'backend' && row.cells[1].innerText == '1 of 1')");
        await browser.Evaluate("[...document.querySelectorAll('#view a')].find(link => link.innerText == 'backend').click()");
        await browser.Until($"document.querySelector('#view tbody')?.innerText.includes('127.0.0.1:{upstream.Port}')");
        await UntilWithTraffic("[...document.querySelectorAll('#view tr')].some(row => row.cells[0].innerText == 'cluster.backend.upstream_rq_total' && Number(row.cells[2].innerText) > 0)");

        await browser.Evaluate("document.querySelector('nav a[href=\"#routes\"]').click()");
        await browser.Until("[...document.querySelectorAll('#view a')].some(link => link.innerText == 'everything')");
        await browser.Evaluate("(field => { field.value = 'http:/' + '/a/x'; field.form.requestSubmit(); })(document.querySelector('#view input'))");
        await browser.Until("document.querySelector('#view pre')?.innerText.includes('forwards to cluster backend')");
        await browser.Evaluate("[...document.querySelectorAll('#view a')].find(link => link.innerText == 'everything').click()");
        await browser.Until("document.querySelector('#view')?.innerText.includes('vhost.all.route.everything.upstream_rq_total')");

        await browser.Evaluate("document.querySelector('nav a[href=\"#config\"]').click()");
        await browser.Until("document.querySelectorAll('#view tr').length > 10");
        await browser.Evaluate($"(field => {{ field.value = 'port_value {upstream.Port}'; field.dispatchEvent(new Event('input')); }})(document.querySelector('#view input'))");
        await browser.Until($"document.querySelectorAll('#view tbody tr').length > 0 && [...document.querySelectorAll('#view tbody tr')].every(row => row.cells[1].innerText == '{upstream.Port}')");

        async Task UntilWithTraffic(string expression) => await Wait.Until(
            async () =>
            {
                await weft.Http.GetStringAsync(listener);
                return await browser.Evaluate(expression) == "true";
            },
            expression,
            () => browser.Evaluate("document.body.innerText").GetAwaiter().GetResult());
    }

    [BrowserFact]
    public async Task Log_levels_are_switched_and_active_statistics_move()
    {
        await using var weft = await WeftProcess.StartAsync("static_resources: {}\n");
        await using (var browser = await Browser.StartAsync(new Uri(weft.Admin, "/#logging")))
        {
            const string select = "[...document.querySelectorAll('#view tr')].find(row => row.cells[0].innerText == 'upstream')?.querySelector('select')";
            await browser.Until($"{select} !== undefined");
            await browser.Evaluate($"(select => {{ select.value = 'debug'; select.dispatchEvent(new Event('change')); }})({select})");
            await Wait.Until(
                async () =>
                {
                    using var response = await weft.Http.PostAsync(new Uri(weft.Admin, "/logging"), null);
                    return (await response.Content.ReadAsStringAsync()).Contains("  upstream: debug\n", StringComparison.Ordinal);
                },
                "the level to change");
        }

        await using var active = await Browser.StartAsync(new Uri(weft.Admin, "/stats?format=active-html&filter=http.admin"));
        await active.Until("document.getElementById('active-interval') !== null");
        await active.Evaluate("document.getElementById('active-interval').value = 1");
        await active.Until("[...document.querySelectorAll('#active-stats tbody tr')].some(row => row.cells[0].innerText == 'http.admin.downstream_rq_total' && Number(row.cells[2].innerText) > 0)");
    }
}
