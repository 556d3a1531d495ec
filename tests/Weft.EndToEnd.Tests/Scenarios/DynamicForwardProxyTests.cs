using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>A forward proxy: hosts are found by their names when requests ask for them, in a name server that may change its mind or go away.</summary>
public sealed class DynamicForwardProxyTests : IAsyncLifetime, IDisposable
{
    private readonly TestNetwork _network = new();
    private readonly NetworkHost _client;
    private readonly NameServer _names;
    private readonly ScriptedUpstream _secure;
    private WeftProcess _weft = null!;

    public DynamicForwardProxyTests()
    {
        _client = _network.AddHost("client", "172.31.6.2");
        _network.AddHost("one", "172.31.6.11").AddWebServer(80);
        var two = _network.AddHost("two", "172.31.6.12");
        two.AddWebServer(80);
        two.AddWebServer(8080, name: "two-8080");
        _secure = new ScriptedUpstream(static (peer, _) => peer.ReadMoreAsync(), two.Listen(8443));
        _names = _network.AddHost("dns", "172.31.6.53").AddNameServer("172.31.6.11 one.test", "172.31.6.12 two.test");
        _client.SetNameServer("172.31.6.53");
    }

    public async Task InitializeAsync() => _weft = await WeftProcess.StartOnAsync(_client, "DynamicForwardProxy/envoy.yaml");

    public async Task DisposeAsync() => await _weft.DisposeAsync();

    public void Dispose()
    {
        _secure.Dispose();
        _network.Dispose();
    }

    [NetnsFact]
    public async Task Each_request_goes_to_the_host_that_it_names()
    {
        Assert.Equal("ServerName: one\n", await GetAsync("one.test"));
        Assert.Equal("ServerName: two\n", await GetAsync("two.test"));
        Assert.Equal("ServerName: two-8080\n", await GetAsync("two.test:8080"));
        Assert.Equal("ServerName: one\n", await GetAsync("172.31.6.11"));
        Assert.Equal("ServerName: one\n", await GetAsync("alias.test"));
        await _weft.ExpectStat("dns_cache.names.num_hosts", 4);
        await _weft.ExpectStat("dns_cache.names.host_added", 4);
        Assert.Contains("dynamic::172.31.6.12:8080::hostname::two.test:8080", await _weft.GetAdmin("/clusters"), StringComparison.Ordinal);

        Assert.Equal("DNS cache overflow", await GetAsync("one.test:81"));
        await _weft.ExpectStat("dns_cache.names.host_overflow", 1);
        await LoggedAsync("one.test:81 503 - dns_cache_overflow");
    }

    [NetnsFact]
    public async Task A_host_that_moves_is_followed_and_one_that_loses_its_name_server_stays()
    {
        Assert.Equal("ServerName: one\n", await GetAsync("one.test"));
        _names.Change("172.31.6.12 one.test", "172.31.6.12 two.test");
        await Wait.Until(async () => await GetAsync("one.test") == "ServerName: two\n", "the new address", () => _weft.Log);

        _names.Stop();
        await _weft.WaitForStat("dns_cache.names.dns_query_failure", 1);
        Assert.Equal("ServerName: two\n", await GetAsync("one.test"));
        Assert.Equal("DNS resolution failure", await GetAsync("two.test"));
        await Wait.Until(() => Task.FromResult(_weft.Log.Contains("two.test 503 DF dns_resolution_failure{", StringComparison.Ordinal)), "the log line", () => _weft.Log);
    }

    [NetnsFact]
    public async Task A_host_that_does_not_exist_is_said_to_and_found_when_it_does()
    {
        Assert.Equal("DNS resolution failure", await GetAsync("three.test"));
        await LoggedAsync("three.test 503 DF dns_resolution_failure{");
        _names.Change("172.31.6.12 three.test");
        await Wait.Until(async () => await GetAsync("three.test") == "ServerName: two\n", "the new name", () => _weft.Log);
    }

    [NetnsFact]
    public async Task Many_requests_at_once_wait_for_one_look_up()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync("one.test")));
        Assert.All(answers, answer => Assert.Equal("ServerName: one\n", answer));
        await _weft.ExpectStat("dns_cache.names.host_added", 1);
        await _weft.ExpectStat("cluster.dynamic.upstream_rq_200", 20);
    }

    [NetnsFact]
    public async Task A_host_may_have_a_cluster_of_its_own()
    {
        Assert.Equal("ServerName: one\n", await GetAsync("one.test", "/sub/hostname"));
        Assert.Equal("ServerName: one\n", await GetAsync("one.test", "/sub/hostname"));
        Assert.Contains("DFPCluster:one.test:80::172.31.6.11:80::rq_total::2", await _weft.GetAdmin("/clusters"), StringComparison.Ordinal);
        Assert.InRange(await _weft.Stat("cluster.DFPCluster_one.test_80.upstream_cx_total"), 1, 2);
        Assert.Equal("Sub cluster overflow", await GetAsync("two.test", "/sub/hostname"));
        Assert.Equal(0, await _weft.StopAsync());
        Assert.DoesNotContain("xception", _weft.Log, StringComparison.Ordinal);
    }

    [NetnsFact]
    public async Task A_TLS_client_is_carried_to_the_host_that_it_names()
    {
        // The peer does not speak TLS, and goes: that it was reached is enough.
        await Assert.ThrowsAnyAsync<Exception>(() => _client.Curl("--resolve", "two.test:443:127.0.0.1", "https://two.test/"));
        await Wait.Until(() => Task.FromResult(_secure.Connections == 1), "the connection", () => _weft.Log);
        Assert.Contains("dynamic::172.31.6.12:8443::cx_total::1", await _weft.GetAdmin("/clusters"), StringComparison.Ordinal);
    }

    private Task<string> GetAsync(string host, string path = "/hostname") => _client.Curl("-H", $"host: {host}", $"http://127.0.0.1{path}");

    private Task LoggedAsync(string line) => Wait.Until(() => Task.FromResult(_weft.Log.Contains(line, StringComparison.Ordinal)), line, () => _weft.Log);
}
