using System.Net;
using System.Text;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Observe;

/// <summary>The page of <c>weft observe</c> in a real browser, over a real proxy.</summary>
public sealed class ObservePageTests
{
    private const string TraceId = "463ac35c9f6413ad";

    /// <summary>A client's call that its server answers with an error, and that calls another.</summary>
    private const string Spans = $$$"""
        [{"traceId":"{{{TraceId}}}","id":"463ac35c9f6413ad","kind":"CLIENT","name":"checkAvailability","timestamp":1700000000000000,"duration":9000,"localEndpoint":{"serviceName":"front"}},
         {"traceId":"{{{TraceId}}}","id":"463ac35c9f6413ad","kind":"SERVER","name":"checkAvailability","timestamp":1700000000001000,"duration":7000,"localEndpoint":{"serviceName":"service_a"},"shared":true,"tags":{"error":"<b>no</b>"}},
         {"traceId":"{{{TraceId}}}","id":"00000000000000b1","parentId":"463ac35c9f6413ad","kind":"CLIENT","name":"checkStock","timestamp":1700000000002000,"duration":3000,"localEndpoint":{"serviceName":"service_a"}},
         {"traceId":"{{{TraceId}}}","id":"00000000000000b1","parentId":"463ac35c9f6413ad","kind":"SERVER","name":"checkStock","timestamp":1700000000003000,"duration":1000,"localEndpoint":{"serviceName":"service_b"},"shared":true}]
        """;

    [BrowserFact]
    public async Task Live_traffic_traces_the_graph_and_logs_are_seen_and_reached_by_keyboard()
    {
        using var upstream = new ScriptedUpstream(ScriptedUpstream.AnswerOkAsync);
        await using var weft = await WeftProcess.StartAsync("node: { id: front, cluster: front }\n" + Configs.HttpProxy(upstream.Port, manager: AccessLog));
        await using var observe = await ObserveProcess.StartAsync("--proxy", weft.Admin.Authority, "--access-log", Path.Combine(weft.WorkingDirectory, "access.log"));
        var listener = new Uri($"http://127.0.0.1:{await weft.Port("web")}/");
        await weft.Http.GetStringAsync(listener);
        await using var browser = await Browser.StartAsync(observe.Page);

        await browser.Until("document.querySelector('table[aria-label=Listeners]')?.innerText.includes('web')");
        await Wait.Until(
            async () =>
            {
                await weft.Http.GetStringAsync(listener);
                return await browser.Evaluate("[...document.querySelectorAll('table[aria-label=Clusters] tbody tr')].some(row => row.cells[1].innerText == 'backend' && Number(row.cells[2].innerText) > 0 && Number(row.cells[8].innerText) > 1 && row.querySelector('polyline'))") == "true";
            },
            "a rate of requests to the cluster",
            () => browser.Evaluate("document.body.innerText").GetAwaiter().GetResult());

        await browser.Press("2");
        using (var content = new StringContent(Spans, Encoding.UTF8, "application/json"))
        using (var posted = await observe.Http.PostAsync(new Uri(observe.Page, "/api/v2/spans"), content))
            Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        await browser.Until("document.querySelector('table[aria-label=Traces]')?.innerText.includes('checkAvailability')");
        await browser.Evaluate("document.querySelector('table[aria-label=Traces] a').focus()");
        await browser.Press("Enter");
        await browser.Until($"location.hash == '#/traces/{TraceId}' && document.querySelectorAll('ol[aria-label=Spans] li').length == 4");
        Assert.Equal(
            "front service_a service_a service_b",
            await browser.Evaluate("[...document.querySelectorAll('ol[aria-label=Spans] b')].map(name => name.innerText).join(' ')"));
        // Each span begins and ends where its parent's time says: 0 to 9, 1 to 8, 2 to 5, 3 to 4 of 9 milliseconds.
        Assert.Equal(
            "0% 11% 22% 33%",
            await browser.Evaluate("[...document.querySelectorAll('.block')].map(block => Math.floor(parseFloat(block.style.left)) + '%').join(' ')"));
        Assert.Equal("1", await browser.Evaluate("document.querySelectorAll('.block.failed').length"));
        await browser.Evaluate("document.querySelectorAll('button.span')[1].focus()");
        await browser.Press("Enter");
        await browser.Until("document.querySelector('dl')?.innerText.includes('<b>no</b>')");

        await browser.Press("3");
        await browser.Until("document.querySelectorAll('svg[aria-label=\"Service graph\"] .node').length == 3 && document.querySelectorAll('.call').length == 2");
        await browser.Press("4");
        await browser.Until("document.querySelector('ol[aria-label=\"Access log\"]')?.innerText.includes('/logged-path')");
    }

    private const string AccessLog = """
                  access_log:
                  - name: envoy.access_loggers.file
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                      path: access.log
                      log_format: { json_format: { path: /logged-path, status: "%RESPONSE_CODE%" } }
        """;
}
