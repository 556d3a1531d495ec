using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Proxy.Admin;
using Weft.Proxy.Admin.Endpoints;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Tests.Admin;

public class EndpointsTests
{
    private readonly FakeControl _control = new();
    private readonly ServerStatus _status = new();
    private readonly LogRegistry _logs = new(new LogOutput(() => Stream.Null));

    [Theory]
    [InlineData(ServerState.PreInitializing, false, 503, "PRE_INITIALIZING\n")]
    [InlineData(ServerState.Initializing, false, 503, "INITIALIZING\n")]
    [InlineData(ServerState.Initializing, true, 503, "INITIALIZING\n")]
    [InlineData(ServerState.Live, false, 200, "LIVE\n")]
    [InlineData(ServerState.Live, true, 503, "DRAINING\n")]
    public void Ready_tells_the_state(ServerState initialization, bool failed, int status, string text)
    {
        _status.Advance(initialization);
        _status.HealthCheckFailed = failed;
        Assert.Equal((status, text), Call(new ReadyEndpoint(_status), "GET", "/ready"));
    }

    [Fact]
    public void An_unknown_path_is_404_with_the_help()
    {
        var (status, text) = Call(new ReadyEndpoint(_status), "GET", "/nothing");
        Assert.Equal(404, status);
        Assert.Equal("invalid path. admin commands are:\n  /ready: print server state, return 200 if LIVE, otherwise return 503\n", text);
    }

    [Fact]
    public void What_changes_something_wants_POST()
    {
        Assert.Equal((405, "Method GET not allowed, POST required."), Call(new QuitEndpoint(_control), "GET", "/quitquitquit"));
        Assert.Empty(_control.Calls);
        Assert.Equal((200, "OK\n"), Call(new QuitEndpoint(_control), "POST", "/quitquitquit"));
        Assert.Equal(["shutdown"], _control.Calls);
    }

    [Fact]
    public void Help_lists_parameters_and_choices()
    {
        var text = Call(new CpuProfilerEndpoint(), "GET", "/unknown").Text;
        Assert.Contains("  /cpuprofiler (POST): enable/disable the CPU profiler\n      enable: enables the CPU profiler; One of (y, n)\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Health_checks_fail_and_pass_on_request()
    {
        Assert.Equal((200, "OK\n"), Call(new HealthCheckEndpoint(_control, fail: true), "POST", "/healthcheck/fail"));
        Assert.Equal((200, "OK\n"), Call(new HealthCheckEndpoint(_control, fail: false), "POST", "/healthcheck/ok"));
        Assert.Equal(["fail", "ok"], _control.Calls);
    }

    [Theory]
    [InlineData("/drain_listeners", "drain inbound=False graceful=False skip=False")]
    [InlineData("/drain_listeners?inboundonly", "drain inbound=True graceful=False skip=False")]
    [InlineData("/drain_listeners?graceful&skip_exit", "drain inbound=False graceful=True skip=True")]
    public void Listeners_are_drained_as_asked(string target, string call)
    {
        Assert.Equal((200, "OK\n"), Call(new DrainListenersEndpoint(_control), "POST", target));
        Assert.Equal([call], _control.Calls);
    }

    [Fact]
    public void Skip_exit_needs_graceful()
    {
        Assert.Equal((400, "skip_exit requires graceful\n"), Call(new DrainListenersEndpoint(_control), "POST", "/drain_listeners?skip_exit"));
        Assert.Empty(_control.Calls);
    }

    [Fact]
    public void Logs_are_reopened() => Assert.Equal((200, "OK\n"), Call(new ReopenLogsEndpoint(_control), "POST", "/reopen_logs"));

    [Fact]
    public void Certificates_are_an_empty_list() => Assert.Equal((200, "{\n \"certificates\": []\n}\n"), Call(new CertsEndpoint(new()), "GET", "/certs"));

    [Fact]
    public void Nothing_is_unready() => Assert.Equal((200, "{}\n"), new TestAdmin().Call("GET", "/init_dump"));

    [Fact]
    public void Memory_is_printed_as_strings_of_numbers()
    {
        var json = JsonDocument.Parse(Call(new MemoryEndpoint(), "GET", "/memory").Text).RootElement;
        string[] names = ["allocated", "heap_size", "pageheap_unmapped", "pageheap_free", "total_thread_cache", "total_physical_bytes"];
        Assert.Equal(names, json.EnumerateObject().Select(property => property.Name));
        Assert.True(long.Parse(json.GetProperty("total_physical_bytes").GetString()!) > 1_000_000);
    }

    [Fact]
    public void Contention_is_told_only_when_asked_for()
    {
        Assert.StartsWith("Mutex contention tracing is not enabled.", Call(new ContentionEndpoint(new ServerOptions()), "GET", "/contention").Text, StringComparison.Ordinal);
        Assert.Contains("\"num_contentions\"", Call(new ContentionEndpoint(new ServerOptions { EnableMutexTracing = true }), "GET", "/contention").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/cpuprofiler", 400, "?enable=<y|n>\n")]
    [InlineData("/cpuprofiler?enable=x", 400, "?enable=<y|n>\n")]
    [InlineData("/cpuprofiler?enable=y", 500, "failure to start the profiler")]
    [InlineData("/cpuprofiler?enable=n", 200, "OK\n")]
    public void The_cpu_profiler_cannot_start(string target, int status, string text) =>
        Assert.Equal((status, text), Call(new CpuProfilerEndpoint(), "POST", target));

    [Fact]
    public void The_heap_profiler_is_not_in_this_build() =>
        Assert.Equal((501, "The current build does not support heap profiler"), Call(new HeapProfilerEndpoint(), "POST", "/heapprofiler?enable=y"));

    [Fact]
    public void Counters_are_reset()
    {
        var store = new StatsStore();
        var counter = store.Scope("a.").Counter("b");
        counter.Inc();
        Assert.Equal((200, "OK\n"), Call(new ResetCountersEndpoint(store), "POST", "/reset_counters"));
        Assert.Equal(0, counter.Value);
    }

    [Fact]
    public void Recent_lookups_are_switched_on_and_off()
    {
        var store = new StatsStore();
        var scope = store.Scope("a.");
        var endpoint = new RecentLookupsEndpoint(store.Lookups);
        scope.Counter("before");
        Assert.Equal("Lookup tracking is not enabled. Use /stats/recentlookups/enable to enable.\n\ntotal: 1\n", Call(endpoint, "GET", "/stats/recentlookups").Text);

        store.Lookups.IsRecording = true;
        scope.Counter("twice");
        scope.Gauge("once");
        scope.Counter("twice");
        Assert.Equal("   Count Lookup\n       1 a.once\n       2 a.twice\n\ntotal: 4\n", Call(endpoint, "GET", "/stats/recentlookups").Text);

        store.Lookups.IsRecording = false;
        Assert.Equal("Lookup tracking is not enabled. Use /stats/recentlookups/enable to enable.\n\ntotal: 4\n", Call(endpoint, "GET", "/stats/recentlookups").Text);
        store.Lookups.Clear();
        Assert.Equal(0, store.Lookups.Total);
    }

    [Fact]
    public void Logging_lists_every_logger()
    {
        var (status, text) = Call(new LoggingEndpoint(_logs), "POST", "/logging");
        Assert.Equal(200, status);
        Assert.StartsWith("active loggers:\n  admin: info\n", text, StringComparison.Ordinal);
        Assert.EndsWith("  websocket: info\n\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/logging?level=trace", LogLevel.Trace, LogLevel.Trace)]
    [InlineData("/logging?level=warning&paths=", LogLevel.Warning, LogLevel.Warning)]
    [InlineData("/logging?http=debug", LogLevel.Debug, LogLevel.Info)]
    [InlineData("/logging?paths=http:error,dns:debug", LogLevel.Error, LogLevel.Debug)]
    public void Logging_changes_levels(string target, LogLevel http, LogLevel dns)
    {
        Assert.Equal(200, Call(new LoggingEndpoint(_logs), "POST", target).Status);
        Assert.Equal((http, dns), (_logs.Get("http").Level, _logs.Get("dns").Level));
    }

    [Theory]
    [InlineData("/logging?level=loud", "unknown logger level")]
    [InlineData("/logging?http=loud", "unknown logger level")]
    [InlineData("/logging?nothing_such=info", "unknown logger name")]
    [InlineData("/logging?paths=http:debug,nothing_such:info", "unknown logger name")]
    [InlineData("/logging?paths=http", "empty logger name or empty logger level")]
    [InlineData("/logging?http=info&dns=info", "invalid number of parameters")]
    public void Logging_refuses_in_Envoys_words_and_changes_nothing(string target, string fault)
    {
        var (status, text) = Call(new LoggingEndpoint(_logs), "POST", target);
        Assert.Equal(400, status);
        Assert.StartsWith(
            $"error: {fault}\n\nusage: /logging?<name>=<level> (change single level)\nusage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)\n" +
            "usage: /logging?level=<level> (change all levels)\nlevels: trace debug info warning error critical off \nactive loggers:\n",
            text,
            StringComparison.Ordinal);
        Assert.Equal(LogLevel.Info, _logs.Get("http").Level);
    }

    [Fact]
    public void Every_answer_forbids_caching_and_guessing()
    {
        var response = new AdminHandlers([new ReadyEndpoint(_status)]).Handle(AdminRequest.Parse("GET", "/ready"));
        Assert.Equal("text/plain; charset=UTF-8", response.ContentType);
        Assert.Equal("no-cache, max-age=0", response.Headers.Single(header => header.Key == "cache-control").Value);
        Assert.Equal("nosniff", response.Headers.Single(header => header.Key == "x-content-type-options").Value);
    }

    [Fact]
    public void The_home_page_links_what_shows_and_posts_what_changes()
    {
        AdminEndpoint[] all = [new ReadyEndpoint(_status), new QuitEndpoint(_control), new LoggingEndpoint(_logs), new MemoryEndpoint()];
        var response = new AdminHandlers([.. all, new HomeEndpoint(all)]).Handle(AdminRequest.Parse("GET", "/"));
        var html = Encoding.UTF8.GetString(response.Body.Written);
        Assert.Equal("text/html; charset=UTF-8", response.ContentType);
        Assert.Contains("<a href=\"ready\">/ready</a>", html, StringComparison.Ordinal);
        Assert.Contains("method=\"post\" action=\"quitquitquit\"><button class=\"path\">/quitquitquit</button>", html, StringComparison.Ordinal);
        Assert.Contains("&lt;logger_name1&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        Assert.DoesNotContain(" src=", html, StringComparison.Ordinal);
        Assert.Equal(Regex.Count(html, "<tr>"), Regex.Count(html, "</tr>"));
    }

    private static (int Status, string Text) Call(AdminEndpoint endpoint, string method, string target)
    {
        var response = new AdminHandlers([endpoint]).Handle(AdminRequest.Parse(method, target));
        return (response.Status, Encoding.UTF8.GetString(response.Body.Written));
    }
}
